"""The one exception that means "the user can mend this", and the one of data that is not there."""


class RobenchError(Exception):
    """A mistake in what was asked for or given: a path, a name, a file, a number.

    The message is one line that says what was expected, what came, and what to do. The command line prints it on stderr
    and exits with 2; any other exception is a defect of robench and keeps its traceback. Where a table belongs to it,
    ``rows`` are its lines, which stand below the message.
    """

    rows: tuple[str, ...] = ()


class MissingDataError(RobenchError):
    """A dataset or a benchmark's folder is not in the place that was looked at; it may be in another."""
