// Package links finds reports that may be about the same child or house, and
// joins cases when a person says so.
//
// [Score] is a pure judgement of two cases by what is known without opening
// anything: commune, hamlet (by its digest), age, kind of harm, days. It only ever
// suggests; [Service] links, merges and takes back. Nothing is compared across
// communes, and nothing is shown to somebody who may not see both cases.
package links
