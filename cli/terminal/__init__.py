"""How does a command talk? Tables, answers, files and programs, whatever the verb.

tables       rows for people, tab-separated in a pipe, JSON where asked
outputs      where a command may write
patients     patients from a file, whatever its form
answer_text  an answer as text
answer_file  an answer as JSON or CSV
running      programs that a command starts, waits for and stops
"""
