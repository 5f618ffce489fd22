"""Texts in rows about leads that no erasure empties, each with its reason."""

_COMPANY = "about a company, not about a person; what the lead said of it is in the lead"
_FIELD = "the name of a field"
_CODE = "one of a few words of ours"
_COUNTED = "what is counted; what came with it is emptied"
_CAMPAIGN = "what an advertisement or a channel is called"
_RULE = "a sentence of the playbook"
_GOES = "the row is deleted"
_KEY = "made of our own ids"

SAYS_NOTHING = {
    "activities.File.media_type": _CODE,
    "cards.Card.channel": _CAMPAIGN,
    "cards.Card.source": _CAMPAIGN,
    "cards.Card.stage": _CODE,
    "cards.Card.temperature": _CODE,
    "cards.Card.why": _RULE,
    "cards.CompanyCard.called": _COMPANY,
    "cards.CompanyCard.text": _COMPANY,
    "deals.ClosingValue.currency": _CODE,
    "deals.ClosingValue.of_currency": _CODE,
    "deals.Deal.currency": _CODE,
    "deals.Deal.external_id": "names the deal in another system, which knows who it is about",
    "deals.DealChange.state_before": _CODE,
    "delivery.Message.cause": _KEY,
    "delivery.Message.worker": "a process of ours",
    "leads.Company.domain": _COMPANY,
    "leads.Company.external_id": _COMPANY,
    "leads.Company.name": _COMPANY,
    "leads.Company.traits": _COMPANY,
    "leads.CompanyTrait.name": _FIELD,
    "leads.CompanyTrait.text": _COMPANY,
    "leads.CurrentTrait.name": _FIELD,
    "leads.Merge.binding_ids": _KEY,
    "leads.MergeReview.because": "names an event, never what it said",
    "leads.TraitValue.method": _GOES,
    "leads.TraitValue.name": _GOES,
    "leads.TraitValue.source": _GOES,
    "lifecycle.Standing.stage": _CODE,
    "lifecycle.Standing.temperature_reason": _RULE,
    "lifecycle.StageChange.stage": _CODE,
    "lifecycle.StageChange.stage_before": _CODE,
    "routing.Notification.kind": _GOES,
    "timeline.Event.flag": _CODE,
    "timeline.Event.name": _COUNTED,
    "timeline.Touch.campaign": _CAMPAIGN,
    "timeline.Touch.channel": _CAMPAIGN,
    "timeline.Touch.content": _CAMPAIGN,
    "timeline.Touch.medium": _CAMPAIGN,
    "timeline.Touch.source": _CAMPAIGN,
    "timeline.Touch.term": _CAMPAIGN,
}

NOT_EXPORTED = {
    "cards.NoteText": "the words of activities, which are exported",
    "cards.SearchText": "the words of the lead, which is exported",
    "cards.Visit": "which colleague opened the lead",
    "leads.CurrentTrait": "the traits of the lead, which is exported",
    "routing.Follow": "which colleague follows the lead",
    "routing.Notification": "what a colleague was told",
}
