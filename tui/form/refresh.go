package form

// Refresh asks for the fields and problems anew: after something has become
// known that is no answer of this page, such as what a file says.
func (m *Model) Refresh() { m.refresh() }
