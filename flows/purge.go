package flows

import (
	"reflect"
	"time"
)

// Purge takes everything sealed out of the case, whichever field holds it: what
// people wrote. The names of the fields and all times stay, so that it can still
// be seen that something was there and when it went.
func (c *Case) Purge(now time.Time) {
	c.Purged = now
	eachBytes(reflect.ValueOf(c).Elem(), func(b reflect.Value) { b.SetZero() })
}

// HoldsText reports whether the case holds anything sealed.
func (c *Case) HoldsText() bool {
	found := false
	eachBytes(reflect.ValueOf(c).Elem(), func(b reflect.Value) { found = found || b.Len() > 0 })
	return found
}

// eachBytes calls do for every list of bytes in v. A case holds bytes only where
// something is sealed, so a field that is added later is not forgotten.
func eachBytes(v reflect.Value, do func(reflect.Value)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				eachBytes(v.Field(i), do)
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			eachBytes(v.Elem(), do)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			do(v)
			return
		}
		for i := range v.Len() {
			eachBytes(v.Index(i), do)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			elem := reflect.New(v.Type().Elem()).Elem()
			elem.Set(v.MapIndex(key))
			eachBytes(elem, do)
			v.SetMapIndex(key, elem)
		}
	}
}
