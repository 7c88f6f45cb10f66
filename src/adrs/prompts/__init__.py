"""Prompt generators: compose prompts from templates, which are the .md files beside the code."""
