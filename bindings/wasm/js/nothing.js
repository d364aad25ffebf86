// In place of what hosts without files do not have; nothing that is exported there reads it.

export default {}
