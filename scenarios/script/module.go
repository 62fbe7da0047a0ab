package script

import (
	"slices"

	"github.com/grafana/sobek"
)

// moduleName is what a script imports.
const moduleName = "possim"

// exported is what the module has, in order.
var exported = []string{"cards", "check", "count", "env", "open", "scenarios", "sleep", "terminal"}

// native is the module possim, in the engine's terms: it is neither compiled nor linked.
type native struct{ script *Script }

// Link implements sobek.ModuleRecord.
func (native) Link() error { return nil }

// GetExportedNames implements sobek.ModuleRecord.
func (native) GetExportedNames(names func([]string), _ ...sobek.ModuleRecord) bool {
	names(exported)
	return true
}

// ResolveExport implements sobek.ModuleRecord.
func (n native) ResolveExport(name string, _ ...sobek.ResolveSetElement) (*sobek.ResolvedBinding, bool) {
	if !slices.Contains(exported, name) {
		return nil, false
	}
	return &sobek.ResolvedBinding{Module: n, BindingName: name}, false
}

// Evaluate implements sobek.ModuleRecord. The terminal that a runtime belongs to stands in
// its global object for as long as the script is read.
func (n native) Evaluate(rt *sobek.Runtime) *sobek.Promise {
	promise, resolve, _ := rt.NewPromise()
	v, _ := rt.GlobalObject().Get(ownGlobal).Export().(*vm)
	_ = resolve(bindings(v.module())) // a promise that is new takes it
	return promise
}

// ownGlobal is where a runtime's vm stands while the script is read.
const ownGlobal = "possim vm"

// bindings are the module's exports, made for one runtime.
type bindings map[string]sobek.Value

// GetBindingValue implements sobek.ModuleInstance.
func (b bindings) GetBindingValue(name string) sobek.Value { return b[name] }
