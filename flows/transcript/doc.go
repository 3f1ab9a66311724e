// Package transcript reads and plays stories: conversations and what follows
// from them, written so that anyone can review them.
//
//	# Nobody on the first level answers, so the second is told.
//	use province
//
//	ussd +84900000001
//	< CON Tre co dang nguy hiem ngay bay gio khong? / 1 Co ... / ...
//	> 1
//	< CON ...
//	! sms duty-member: GAP K7F4. ...
//	@ +15m
//	! sms group-head: GAP K7F4, chua ai nhan. ...
//	sms group-head: 1 k7f4
//	< K7F4 la cua ban. ...
//	= case K7F4 acknowledged by group-head after 15m0s, level 2
//
// Lines that set the scene, before all others:
//
//	use NAME                            the lines of NAME.txt beside the story
//	policy NAME                         which escalation policy; else the shipped one
//	time 2026-11-23 09:00               when the story begins, local time
//	place NAME [district D] [code C] [station S] [refuge R] [hamlets H, H]
//	                                    a commune; "old" before it: one that is gone
//	moved NAME to NAME                  where an old commune went
//	duty PHONE NAME level N place P [role R]   a member who is always on duty
//	member PHONE NAME level N place P [role R] a member who is not
//
// Lines that happen:
//
//	ussd PHONE [CODE]      a phone dials; what follows is its call
//	on PHONE               what follows is that phone's call
//	> ANSWER               it answers
//	< CON TEXT, < END TEXT what it reads; "..." stands for anything, " / " for a new line
//	< TEXT                 after sms: the reply; "< nothing" if there is none
//	retry                  the gateway posts the last turn again: same reply, same bytes
//	drop, hangup           the call breaks off; without and with a note of the gateway
//	sms WHO: TEXT          a text to the hotline
//	! sms WHO: TEXT        a text that leaves the hotline; call for a voice call; "! ..." for all others so far
//	ring WHO               the last call to WHO is picked up; "< TEXT" is what is said
//	press WHO KEY          a key is pressed in it: 1 takes, 2 cannot, then 3 is there, 4 hands it on; * hears it again
//	undelivered WHO        the last message to WHO did not arrive
//	asks WHO K7F4 ask.KEY  somebody at work puts a question to the reporter; "refused REASON" behind it if they may not
//	@ +15m                 time passes
//	= case K7F4 FACTS      see check.go
//	= open N, = silent N   how many cases are open, how many contacts were silent
//
// References and receipts are drawn at random. A name of one in a story, as K7F4
// or 4821 9037, is bound to the real one where it is first read and stands for it
// from then on, in answers too.
//
// A story ends with an audit: an open case without a timer, and a message that
// the story did not mention, are faults.
package transcript
