"""
The OpenAPI documents of this installation, made from the code that answers.

``reader`` follows a view's method as far as parameters are read and answers are written, ``refusals`` finds the
errors that can be raised on the way, ``schema`` writes both as an operation (drf-spectacular), ``document`` puts the
operations together and serves them. Nothing is declared twice: what is added to a view is in the document.
"""
