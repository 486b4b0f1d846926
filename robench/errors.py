"""The one exception that means "the user can mend this"."""


class RobenchError(Exception):
    """A mistake in what was asked for or given: a path, a name, a file, a number.

    The message is one line that says what was expected, what came, and what to do. The command line prints it on stderr
    and exits with 2; any other exception is a defect of robench and keeps its traceback.
    """
