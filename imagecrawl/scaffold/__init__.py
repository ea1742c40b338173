"""What does a new spider begin with? A saved page, and a test that says what is missing."""
