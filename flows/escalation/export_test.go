package escalation

// TimerOrder is how timers press.
var TimerOrder = timerOrder
