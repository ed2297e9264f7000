"""JavaScript that is read and never run: settings, data files, functions in them, and scalars as js-yaml types them."""
