package values

// Merge puts over into values, as Helm does with a second values file:
// mappings are merged, everything else, lists too, is replaced. A null stays:
// it makes Helm forget the chart's own default.
func Merge(values, over Values) {
	for key, v := range over {
		inner, isMap := v.(Values)
		below, wasMap := values[key].(Values)
		switch {
		case isMap && wasMap:
			Merge(below, inner)
		case isMap:
			copied := Values{}
			Merge(copied, inner)
			values[key] = copied
		default:
			values[key] = v
		}
	}
}

// At returns the value at a path, or nil.
func At(values Values, path ...string) any {
	for _, key := range path[:len(path)-1] {
		values, _ = values[key].(Values)
	}
	return values[path[len(path)-1]]
}
