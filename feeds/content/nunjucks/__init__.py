"""Nunjucks and the Liquid of Eleventy's sites, rendered by Jinja2's sandbox within bounds."""
