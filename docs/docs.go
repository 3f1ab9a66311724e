// Package docs holds the pictures of the pages that the browser test takes, for
// the guides on paper.
package docs

import "embed"

// Pictures are the pages as PNG files.
//
//go:embed board.png case.png link.png duty.png times.png
var Pictures embed.FS
