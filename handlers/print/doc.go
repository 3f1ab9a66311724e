// Package print makes the papers of a case as PDF: a form of Decree 56/2017 as an
// official would lay it out, and the cover sheet of a case.
//
// It knows no case and no language: what stands on a paper comes in as [Paper],
// in the reader's words. The typeface is Be Vietnam Pro (SIL Open Font License
// 1.1, see the licence beside it), embedded with the letters that a paper uses;
// the two files are the console's own, Latin and Vietnamese in one. Nothing is
// read from the machine that it runs on.
package print
