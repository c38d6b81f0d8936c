"""A log that holds no patient: exceptions by type only, no input values, one line per entry."""

from __future__ import annotations

import logging

LOGGERS = ("", "bentoml", "bentoml.serve", "bentoml.access", "bentoml.io", "uvicorn", "uvicorn.error", "mlflow")


class WithoutValues(logging.Filter):
    """Keep of an exception its type, and escape what could forge a line or colour a terminal.

    The framework logs tracebacks with the text of the exception, and a validation error's text holds what the client
    sent.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; nothing is dropped."""
        if record.exc_info:
            kind = record.exc_info[0].__name__ if record.exc_info[0] else "exception"
            if kind == "ValidationError":
                # the framework's note of a request that does not have the documented form: the client's mistake
                record.levelno, record.levelname = logging.INFO, "INFO"
            record.msg, record.args = f"{_message(record)} [{kind}]", ()
            record.exc_info = None
        record.exc_text = None
        record.stack_info = None
        message = _message(record)
        if not message.isprintable():
            message = "".join(c if c.isprintable() else repr(c)[1:-1] for c in message)
            record.msg, record.args = message, ()
        return True


def _message(record: logging.LogRecord) -> str:
    """Return the message; an argument that does not fit its format must not surface as a traceback."""
    try:
        return record.getMessage()
    except (KeyError, TypeError, ValueError):
        return str(record.msg)


def install() -> None:
    """Put the filter on the framework's loggers and on their handlers; twice is as good as once.

    A filter on a logger does not see the records of its children, one on a handler does not survive its replacement;
    hence both.
    """
    for name in LOGGERS:
        logger = logging.getLogger(name)
        for place in (logger, *logger.handlers):
            if not any(isinstance(one, WithoutValues) for one in place.filters):
                # before the framework's filter, which copies the level that it finds into the line
                place.filters.insert(0, WithoutValues())
