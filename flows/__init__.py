"""
Flows: definitions, the engine that walks them, and the runtime that carries out what it asks for.

The engine may not import the widgets, yet has to know them to compile a definition; they are installed here,
before anything of this package can be used.
"""

from flows import widgets

widgets.register()
