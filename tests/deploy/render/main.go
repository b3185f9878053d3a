// Renders the chart's templates with Go's own template engine, for tests on machines without helm.
//
// stdin: {"templates": {name: text}, "context": {...}}; stdout: {name: rendered text}. The engine is the one that helm is
// built on; the functions below are the few of Sprig and Helm that the chart uses, with their meaning. A function that is missing here is an error of parsing, never silence.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"text/template"
)

func empty(value any) bool {
	truth, ok := template.IsTrue(value)
	return !ok || !truth
}

func fallback(value any, given ...any) any {
	if len(given) == 0 || empty(given[0]) {
		return value
	}
	return given[0]
}

func integer(value any) (int64, error) {
	switch number := value.(type) {
	case int64:
		return number, nil
	case int:
		return int64(number), nil
	case json.Number:
		return number.Int64()
	}
	return 0, fmt.Errorf("%v (%T) is no whole number", value, value)
}

func pairs(words ...any) (map[string]any, error) {
	made := map[string]any{}
	for i := 0; i+1 < len(words); i += 2 {
		made[words[i].(string)] = words[i+1]
	}
	return made, nil
}

func indented(count int, text string) string {
	return "\n" + strings.Repeat(" ", count) + strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", count))
}

// A block of lines, so that a template can put more lines beside them; what is deeper is JSON, which is YAML as well.
func yaml(value any) (string, error) {
	lines := []string{}
	add := func(before string, inner any) error {
		written, err := json.Marshal(inner)
		lines = append(lines, before+string(written))
		return err
	}
	switch node := value.(type) {
	case []any:
		for _, inner := range node {
			if err := add("- ", inner); err != nil {
				return "", err
			}
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(node)) {
			if err := add(fmt.Sprintf("%q: ", name), node[name]); err != nil {
				return "", err
			}
		}
	}
	if len(lines) == 0 {
		written, err := json.Marshal(value)
		return string(written), err
	}
	return strings.Join(lines, "\n"), nil
}

// Numbers as templates print them: helm has float64, which prints 60 as 60.
func plain(value any) any {
	switch node := value.(type) {
	case map[string]any:
		for name, inner := range node {
			node[name] = plain(inner)
		}
	case []any:
		for i, inner := range node {
			node[i] = plain(inner)
		}
	case json.Number:
		if whole, err := node.Int64(); err == nil {
			return whole
		}
		float, _ := node.Float64()
		return float
	}
	return value
}

func functions(root *template.Template) template.FuncMap {
	return template.FuncMap{
		"include": func(name string, data any) (string, error) {
			var out bytes.Buffer
			err := root.ExecuteTemplate(&out, name, data)
			return out.String(), err
		},
		"required": func(message string, value any) (any, error) {
			if value == nil || reflect.DeepEqual(value, "") {
				return nil, errors.New(message)
			}
			return value, nil
		},
		"fail":       func(message string) (string, error) { return "", errors.New(message) },
		"default":    fallback,
		"quote":      func(value any) string { return fmt.Sprintf("%q", fmt.Sprint(value)) },
		"toString":   func(value any) string { return fmt.Sprint(value) },
		"toYaml":     yaml,
		"nindent":    indented,
		"trunc":      func(count int, text string) string { return text[:min(count, len(text))] },
		"trimSuffix": func(suffix, text string) string { return strings.TrimSuffix(text, suffix) },
		"replace":    func(from, to, text string) string { return strings.ReplaceAll(text, from, to) },
		"upper":      strings.ToUpper,
		"int":        integer,
		"add": func(a, b any) (int64, error) {
			first, err := integer(a)
			second, other := integer(b)
			return first + second, errors.Join(err, other)
		},
		"ternary": func(yes, no any, choice bool) any {
			if choice {
				return yes
			}
			return no
		},
		"list":   func(values ...any) []any { return values },
		"dict":   pairs,
		"hasKey": func(table map[string]any, name string) bool { _, found := table[name]; return found },
	}
}

func run() error {
	var asked struct {
		Templates map[string]string
		Context   map[string]any
	}
	decoder := json.NewDecoder(os.Stdin)
	decoder.UseNumber()
	if err := decoder.Decode(&asked); err != nil {
		return err
	}
	root := template.New("chart")
	root.Funcs(functions(root))
	for name, text := range asked.Templates {
		if _, err := root.New(name).Parse(text); err != nil {
			return err
		}
	}
	rendered := map[string]string{}
	for name := range asked.Templates {
		var out bytes.Buffer
		if err := root.ExecuteTemplate(&out, name, plain(asked.Context)); err != nil {
			return err
		}
		// As helm does: a value that is absent prints nothing.
		rendered[name] = strings.ReplaceAll(out.String(), "<no value>", "")
	}
	return json.NewEncoder(os.Stdout).Encode(rendered)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
