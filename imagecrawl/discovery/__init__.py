"""What is on a page: its images, its next page, its links. Pure functions of a response."""
