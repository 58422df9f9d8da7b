// Every page works without this file: it only spares gestures.
