"""What does a real browser load of the pages in ``tests/pages``?"""
