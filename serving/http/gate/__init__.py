"""May this request in? Limits, deadlines, strict JSON, the shape of every error, the log.

metrics          what is counted beside BentoML's own metrics
log              a log that holds no patient
problems         errors as RFC 9457 problem details
strict_json      what JSON parsers let through and a clinical service must not
header_deadline  who sends nothing, or only a drop at a time, is cut off
admit            everything that is decided about a request before the service sees it
outermost        the gate around all of BentoML, through BentoML's private doors
refusal          an error as a response of a route
"""
