"""How did a job go? One HTML file that says it to whoever is shown it."""
