// Package docs holds the pictures of the pages that the browser test takes, for
// the guides on paper.
package docs

import "embed"

// Pictures are the pages as PNG files.
//
//go:embed board.png board-en.png case.png case-en.png link.png link-en.png
var Pictures embed.FS
