// Package configs holds the settings of the hotline and the files that make it
// speak: flows, texts, policy, calendar and the sample province.
//
// [Load] lays down the defaults of hotline.yaml, then the operator's file, then
// the environment (HOTLINE_…), checks everything and reports every fault at
// once, with its line. [Files] holds the embedded defaults of the rest.
package configs

import "embed"

// Files are the embedded defaults: hotline.yaml, escalation.yaml,
// categories.yaml, calendar.yaml, flows/, locales/, words/ and sample/.
//
//go:embed *.yaml all:flows all:locales all:words all:sample
var Files embed.FS
