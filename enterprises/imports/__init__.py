"""What a file of the register looks like to a person: its words, the template to fill in, the rows that stay out."""
