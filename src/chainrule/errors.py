"""The one kind of error that is written for the person at the terminal."""


class UserError(ValueError):
    """Something that the user gave is wrong; the message is one plain sentence that says what, where and what to do.

    The command line prints the message alone and exits with 2. Everything else that is raised is a fault of chainrule.
    """
