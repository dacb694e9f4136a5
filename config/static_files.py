"""Serves the built front end."""

from servestatic.middleware import ServeStaticMiddleware


class StaticFiles(ServeStaticMiddleware):
    """Files below ``assets/`` have a hash in their names (Vite puts it there), so browsers may keep them for ever."""

    def immutable_file_test(self, path: str, url: str) -> bool:
        return "/assets/" in url
