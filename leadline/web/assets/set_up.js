// Tells a page on which a workspace begins the zone that this browser is in.
const zone = document.querySelector("[name=time_zone]");
if (zone && !zone.value) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
