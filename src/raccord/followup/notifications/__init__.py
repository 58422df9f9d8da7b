"""« Un dossier vous attend »: in the application and by e-mail, without anything personal."""
