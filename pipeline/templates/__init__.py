"""Templates: mine what an outlet repeats from page to page, ask a person about it, keep the answers."""
