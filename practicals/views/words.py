"""What the scripts of the examiner's pages say, in the reader's language."""

from django.utils.translation import gettext as _


def device_words() -> dict[str, object]:
    """What the desk's script says of the day on this device."""
    return {
        "notSecure": _(
            "This address is not secure (https), so nothing can be kept on this device: sheets work here with a network only."
        ),
        "notHere": _(
            "This day is not on this device. Download it before it begins, and score without a network."
        ),
        "downloading": _("Downloading and locking …"),
        "locked": _("On this device since {time}, locked."),
        "lockedUnsent": _(
            "On this device since {time}, locked. Sheets with lines that were not sent: {n}."
        ),
        "clean": _("On this device since {time}. Nothing waits to be sent."),
        "unsent": _(
            "On this device since {time}. Lines not yet confirmed by the server: {lines} (sheets: {n})."
        ),
        "sending": _("Sending {n} of {of} …"),
        "offline": _(
            "No network. Lines on this device and not yet sent: {lines} (sheets: {n}). They are sent as soon as there is one."
        ),
        "offlineClean": _("No network. Everything on this device is confirmed by the server."),
        "look": _("To be looked at before they can be sent: {which}. Open them."),
        "signIn": _("You have been signed out. Sign in again and everything here is sent."),
        "wrong": _("This is not the passphrase of this day. Capital letters count."),
        "forgot": _(
            "Choose a new passphrase. Then a registrar or the chief examiner, with you and this device before them, lets it be opened. Nothing on it is lost."
        ),
        "asked": _(
            "Asked. The number of this device is {code}: have the registrar or the chief examiner let it be opened, then press the button again."
        ),
        "openingOver": _(
            "It was allowed more than an hour ago. Have it allowed once more, then press the button again."
        ),
        "tooShort": _("Choose at least 10 characters."),
        "notSame": _("The two are not the same. Type it again."),
        "noNetwork": _("The server does not answer. Try again with a network."),
        "refused": _("The server does not give this day out. Sign in again, or ask the registrar."),
        "full": _(
            "This device keeps nothing: its storage is full or closed (a private window). Use another, or stay online."
        ),
        "minutes": _("{n} min, examiner {place}"),
        "toScore": _("To score"),
        "begun": _("Begun"),
        "signed": _("Signed"),
        "kept": _("{n} lines here, {m} confirmed"),
        "signedHere": _("Signed here, not yet confirmed"),
        "beside": _("Kept beside, not counted"),
    }


def sheet_words() -> dict[str, object]:
    """What the sheet's script says, in the reader's language."""
    return {
        "tapToStart": _("tap to start"),
        "left": _("left of {minutes} min"),
        "over": _("over the {minutes} min"),
        "blank": _("{n} blank"),
        "blankOne": _("blank"),
        "allScored": _("all scored"),
        "seen": _("{n} recorded"),
        "noneSeen": _("none recorded"),
        "recorded": _("Recorded"),
        "iSawThis": _("I saw this"),
        "lastTap": _("last tap {time}"),
        "notKept": _("This browser keeps no copy: stay online"),
        "undo": _("Undo"),
        "undoWhat": _("Undo {what}"),
        "rating": _("rating"),
        "nextBlank": _("Next blank, {what}"),
        "nextRating": _("Next: global rating"),
        "nextOpen": _("Next: confirm {what}"),
        "nextSign": _("Next: sign"),
        "missing": _(
            "{n} still to score. Every line and the global rating need a score before you can sign."
        ),
        "unconfirmed": _(
            "Critical violation {what} is begun and not confirmed. Confirm it, or take it back."
        ),
        "complete": _(
            "Everything is scored. After signing, the sheet can be superseded but not edited."
        ),
        "times": _("Started {start}."),
        "ahead": _("This device's clock is {off} s ahead of the server; that is recorded."),
        "behind": _("This device's clock is {off} s behind the server; that is recorded."),
        "heading": _("{code} {title}"),
        "where": _("Version {version}. Examiner {place}"),
        "zeroTitle": _("0 on a critical line: {code}. It fails the station."),
        "whatHappened": _("What happened on {code}"),
        "confirmZero": _("Confirm 0 for {code}"),
        "violationTitle": _("Critical violation {code}"),
        "violationAgain": _("Critical violation {code} is recorded"),
        "confirmViolation": _("Confirm violation {code}"),
        "noteOn": _("Note on {code}"),
        "recapZero": _("0 on critical line {code}"),
        "recapViolation": _("Critical violation {code}"),
        "signed": _("Signed by {name}, {time}. This sheet takes no more changes."),
        "signedHere": _(
            "Signed on this device and not yet confirmed by the server. It is sent as soon as there is a network, from here or from the list."
        ),
        "offline": _("No network since {time}"),
        "cannotLook": _(
            "There are two copies of this sheet, and the server cannot be reached to compare them."
        ),
        "tryAgain": _("Try again"),
        "elsewhere": _(
            "This sheet was continued on another device, which sent {there} lines at {time}. This device has {here}. "
            "Both are kept; choose the one to go on with."
        ),
        "useServer": _("Go on with the {there} lines sent"),
        "useDevice": _("Go on with the {here} lines here"),
        "reissued": _(
            "This assignment was issued anew, with the {there} lines sent until {time}; it waits for the device it was issued to."
        ),
        "goesOn": _(
            "Issued anew: it goes on from the {there} lines sent until {time}. With your first tap it belongs to this device."
        ),
        "goOnHere": _("Go on here with the {there} lines sent until {time}"),
        "elsewhereNow": _(
            "This sheet is scored on another device, which sent {there} lines until {time}. Go on there, or ask the registrar to issue it "
            "anew to this one."
        ),
        "otherWindow": _("This sheet is open in another window of this device. Go on there."),
        "tooEarly": _("The examination is on {day}. This sheet opens on that day."),
        "notHere": _(
            "This sheet is not on this device. With a network, open it from your list; for a day without one, download the day there first."
        ),
        "onlyOnline": _(
            "This day is not downloaded. What you tap is kept on this device until it is sent, without your passphrase."
        ),
        "download": _("Download the day"),
        "roleEnded": _(
            "You are no examiner at present, so the server does not take this sheet. Ask the registrar; everything is kept on this device."
        ),
        "signIn": _(
            "You have been signed out. Sign in again to go on sending; everything is kept on this device."
        ),
        "signInAction": _("Sign in"),
        "refused": _(
            "Everything is kept on this device. Sign in as the examiner who scored this sheet, or ask the registrar."
        ),
        "phrases": [
            {"label": _("Client said “…”"), "text": _("Client said “”")},
            {"label": _("Time now"), "now": True},
            {"label": _("Stopped after prompt"), "text": _("Stopped after my prompt.")},
            {"label": _("Did not stop"), "text": _("Did not stop.")},
            {"label": _("Prompted once, then did it"), "text": _("Prompted once, then did it.")},
            {
                "label": _("Pressure check after 1st minute"),
                "text": _("Pressure check after the first minute."),
            },
        ],
    }
