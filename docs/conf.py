import inspect

import keras_vae

project = "keras-vae"
copyright = "the keras-vae developers"
release = keras_vae.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx-mathjax-offline"]
myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "choices-table.md"]

html_theme = "furo"
html_title = "keras-vae"
html_static_path = ["_static"]
html_css_files = ["page.css"]

autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_inherit_docstrings = False
autodoc_default_options = {"members": True, "show-inheritance": True}
napoleon_google_docstring = True
napoleon_custom_sections = [("Call arguments", "params_style")]
default_role = "code"


def signature_of_init(app, what, name, obj, options, signature, return_annotation):
    """Keras layers take anything in `__new__`; what they take is what `__init__` says."""
    del app, name, options
    if what != "class":
        return signature, return_annotation
    parameters = [
        each.replace(annotation=inspect.Parameter.empty)
        for each in list(inspect.signature(obj.__init__).parameters.values())[1:]
    ]
    return str(inspect.Signature(parameters)), return_annotation


def escape_bars(app, what, name, obj, options, lines):
    """|x| in a docstring is an absolute value, and not one of reStructuredText's substitutions."""
    del app, what, name, obj, options
    for number, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...")):
            pieces = line.split("`")
            pieces[::2] = [piece.replace("|", "\\|") for piece in pieces[::2]]
            lines[number] = "`".join(pieces)


def setup(app):
    app.connect("autodoc-process-signature", signature_of_init)
    app.connect("autodoc-process-docstring", escape_bars)
