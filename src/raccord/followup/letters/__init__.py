"""Letters, SMS and e-mails to families and young people, and what they answer."""
