// Tells the set-up page the zone that this browser is in.
const zone = document.querySelector("[name=time_zone]");
if (zone) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
