"""What keeps two enrolments apart, and what a human should then check: the codes in French."""

#: Why a candidate was not accepted: code of the evidence -> end of « Écartée : ... ».
KEPT_APART: dict[str, str] = {
    "twin": "même nom et même date de naissance, mais un autre prénom : peut-être un jumeau ou "
    "une jumelle",
    "close_twin": "les prénoms se ressemblent, et ce jeune a un jumeau ou une jumelle dans les "
    "bases",
    "siblings": "le prénom et la date de naissance diffèrent : peut-être un frère ou une sœur",
    "names_differ": "le nom et le prénom diffèrent tous les deux",
    "namesake": "un autre jeune des bases d’avant porte exactement cette identité",
    "contradicted": "un élément de l’identité diffère, et rien d’autre ne rapproche les deux",
    "ine_conflict": "les deux INE sont bien formés et nettement différents : sans doute deux "
    "jeunes",
    "name_and_birth_differ": "le nom et la date de naissance diffèrent tous les deux",
    "too_little": "trop peu d’informations renseignées des deux côtés pour conclure",
    "leftover": "presque tous ont été retrouvés, et ces deux inscriptions restantes se ressemblent",
    "ambiguous": "plusieurs jeunes lui correspondent aussi bien",
    "taken": "cette inscription correspond mieux à un autre jeune",
    "weak": "la ressemblance est trop faible",
    "decision": "une personne a déjà vérifié que ce n’est pas le même jeune",
}

#: What a human should check, by reason of the doubt.
TO_CHECK: dict[str, str] = {
    "twin": "Demandez si ce jeune a un jumeau ou une jumelle, et lequel des deux est inscrit "
    "là-bas.",
    "close_twin": "Demandez lequel des deux jumeaux est inscrit là-bas : leurs prénoms se "
    "ressemblent.",
    "siblings": "Demandez si l’inscription est celle d’un frère ou d’une sœur.",
    "ine_conflict": "Comparez les deux INE dans les logiciels des deux établissements : l’un des "
    "deux a peut-être été saisi pour un autre élève.",
    "names_differ": "Demandez à l’établissement si son élève a porté un autre nom.",
    "namesake": "Deux jeunes portent cette identité : comparez leurs INE et leurs communes de "
    "naissance.",
    "contradicted": "Comparez l’identité avec une pièce : l’une des deux est peut-être mal saisie.",
    "name_and_birth_differ": "Comparez le nom et la date de naissance avec une pièce d’identité : "
    "l’un des deux est peut-être mal saisi.",
    "leftover": "Comparez les deux dossiers : si ce n’est pas un frère ou une sœur, l’une des deux "
    "identités a peut-être été mal saisie.",
    "too_little": "Complétez dans votre logiciel ce qui manque (nom, prénom, date de naissance, "
    "INE), puis relancez la comparaison.",
    "ambiguous": "Comparez la commune de naissance, l’établissement d’origine et l’adresse : c’est "
    "ce qui distingue des homonymes.",
    "taken": "Vérifiez si l’établissement a inscrit un ou deux jeunes sous ce nom.",
}
