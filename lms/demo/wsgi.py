"""What the demonstration's web workers load: the application, in a process that ends when the server that started it dies."""

from lms.demo.supervisor import end_with_parent

end_with_parent()

from lms.wsgi import application  # noqa: E402 first the tie to the parent, then the three seconds of loading

__all__ = ["application"]
