"""From the interview to the solution, and what became of it (JASMIN: prise en charge, devenir)."""
