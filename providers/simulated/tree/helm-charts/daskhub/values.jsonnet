// The same defaults, one level down: this chart wraps basehub.
{ basehub: import '../basehub/values.jsonnet' }
