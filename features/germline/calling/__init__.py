"""What may be believed of a file? Readings to six-state calls; build and strand are proven, never taken on trust.

calls    six-state calls of the panel's sites, as arrays over samples
strand   which sites fit the panel on one strand only, and what they prove together
build    the genome build, proven from records, else as declared
proof    build and strand of a file together
regions  where the absence of a variant was looked for
judge    what one record says of one site
merge    several records on one site become one call, or a conflict
decide   the whole file: what each site is called, and what may be assumed
match    from a path to the report that a person or a program reads
"""
