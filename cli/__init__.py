"""The `esr` command: one folder per group of verbs, and what is common to a terminal.

terminal/  what is printed, read and written, whatever the verb
verbs/     one module per verb
main       the table of verbs, and the one place where an error becomes an exit code
"""
