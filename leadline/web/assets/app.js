// Everything our screens do in the browser; one module per behaviour. Pages work without it.
import "./htmx.js";
import "./menus.js";
import "./themes.js";
import "./countdown.js";
import "./toasts.js";
import "./rows.js";
import "./picks.js";
import "./peek.js";
import "./palette.js";
import "./shortcuts.js";
import "./drafts.js";
import "./copy.js";
import "./new_lead.js";
import "./edit.js";
import "./live.js";
import "./notices.js";
import "./push.js";
