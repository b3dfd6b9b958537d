"""What apps say: settings, menus, buttons, messages with their codes and advice, and sentences in between."""

from __future__ import annotations

import random
from dataclasses import dataclass

from finetune.screens import values

_ON = (
    "Wi-Fi|Bluetooth|Dark mode|Location|Notifications|Push notifications|Auto-update|Night mode|Sound|Vibration|"
    "Airplane mode|Mobile data|Data saver|Battery saver|Face unlock|Fingerprint|Two-step verification|Auto-lock|"
    "Guest network|Parental controls|Motion detection|Night vision|Status light|Microphone|Camera access|Cloud backup|"
    "Auto-save|Spell check|Sync contacts|Sync calendar|Read receipts|Show previews|Weekly report|Newsletter|"
    "Marketing e-mails|SMS alerts|Order updates|Delivery alerts|Price alerts|Low stock alerts|Auto-renewal|Roaming|"
    "VPN|Firewall|Hotspot|Remote access|Developer mode|Debug log|Beta features|Offline mode|Subtitles|Autoplay|"
    "High contrast|Large text|Reduce motion|Screen reader|Haptic feedback|Keyboard clicks|Do not disturb|Quiet hours|"
    "Child lock|Eco mode|Holiday mode|Frost protection|Turbo|Heating schedule|Leak alarm|Smoke alarm|Door chime|"
    "Voice assistant|Smart replies|Link previews|Save to gallery|Download over Wi-Fi only|Show online status|"
    "Share usage data|Crash reports|Personalised ads|Remember me|Stay signed in|Contactless payments|Online payments|"
    "Payments abroad|Cash withdrawals|Overdraft|Paperless invoices|One-click checkout|Gift wrap|Express delivery|"
    "Leave at door|Signature required|UPnP|IPv6|Band steering|DHCP server|Port forwarding|WPS button|MAC filter"
)
_BOX = (
    "Promote headers|Detect data types|Load to data model|Include header row|Trim spaces|Ignore errors|Keep blanks|"
    "Remove duplicates|Enable fast load|Include related tables|Select multiple items|Show hidden tables|Use encryption|"
    "Encrypt connection|Trust server certificate|Save password|Navigate using full hierarchy|Refresh on open|"
    "Refresh every 60 minutes|Enable background refresh|Preserve formatting|Adjust column width|Show query name|"
    "Allow native queries|Ignore privacy levels|Create relationships|Column profile|Column quality|Column distribution|"
    "Monospaced|Show whitespace|Formula bar|Match case|Whole words only|Use regular expressions|Match entire cell|"
    "Search subfolders|Overwrite existing files|Create backup|Compress files|Include "
    "subfolders|Read only|Hidden|Archive|"
    "Print background|Collate|Print both sides|Black and white|Open after export|Embed fonts|Accept terms|"
    "I agree to the terms of service|Subscribe to newsletter|Same as billing address|Save card for later|"
    "Remember this device|Don't ask again|Do not show this message again|Send me a copy|Private repository|"
    "Create desktop shortcut|Add to PATH|Start with system|Install for all users|Launch when finished|Keep my files"
)
_MORE = ("Allow", "Show", "Enable", "Use", "Hide")
_MORE_WHAT = (
    "thumbnails|suggestions|shortcuts|tooltips|line numbers|grid lines|animations|pop-ups|cookies|invitations|comments|"
    "mentions|reactions|attachments|favourites|recent files|live tiles|hardware acceleration|proxy|two columns"
)
SWITCHES = tuple(_ON.split("|"))
BOXES = tuple(_BOX.split("|")) + tuple(f"{verb} {what}" for verb in _MORE for what in _MORE_WHAT.split("|"))
# one question, its answers
CHOICES: tuple[tuple[str, tuple[str, ...]], ...] = tuple(
    (row.split(": ")[0], tuple(row.split(": ")[1].split("|")))
    for row in (
        "Delivery: Standard|Express|Pick up in store|Next day|Evening slot",
        "Payment method: Credit card|PayPal|Bank transfer|Invoice|Gift card|Direct debit",
        "Join kind: Left outer|Right outer|Full outer|Inner|Left anti|Right anti",
        "Delimiter: Comma|Semicolon|Tab|Space|Colon|Custom", "Theme: Light|Dark|System default|High contrast",
        "Storage mode: Import|DirectQuery|Dual|Live connection", "Quality: Low|Medium|High|Original|Automatic",
        "Split at: Left-most delimiter|Right-most delimiter|Each occurrence", "Orientation: Portrait|Landscape",
        "Authentication: Anonymous|Windows|Basic|Web API|Organisational account|Database",
        "Privacy level: None|Public|Organisational|Private", "Frequency: Daily|Weekly|Monthly|Never",
        "Who can see this: Everyone|Friends|Only me|Team", "Data source: Text file|Excel|Web page|Database|Folder",
        "Start: Now|Tonight|On next restart|At a set time", "Text size: Small|Normal|Large|Extra large",
        "Units: Metric|Imperial", "Temperature unit: Celsius|Fahrenheit", "Security: Open|WPA2|WPA3|WPA2/WPA3 mixed",
        "Band: 2.4 GHz|5 GHz|6 GHz|Automatic", "Reason for return: Too small|Damaged|Wrong item|Changed my mind|Late",
        "Account type: Private|Business|Student|Non-profit", "Billing cycle: Monthly|Yearly|Every two years",
        "Insert at: Beginning|End|Before selection|After selection", "Import to: New table|Existing table|Pivot|None",
        "Locale: English (UK)|English (US)|German|French", "Power plan: Balanced|Saver|High performance",
        "Backup: Full|Incremental|Differential|Off", "Seat: Window|Aisle|Middle|No preference",
    )
)  # fmt: skip
SLIDERS = tuple(
    "Volume|Brightness|Contrast|Bass|Treble|Microphone level|Sensitivity|Zoom|Opacity|Screen brightness|Ringtone|"
    "Alarm volume|Night light strength|Fan speed|Speed|Dimmer|Text size|Heating|Motion sensitivity|Saturation|Quality|"
    "Balance|Media volume|Pointer speed|Cache size|Sharpness".split("|")
)
PROGRESS = tuple(
    "Downloading update|Installing|Uploading files|Copying files|Backing up|Syncing|Storage|Data used|Profile complete|"
    "Loading preview|Converting|Scanning|Transferring data|Restoring backup|Cache usage|Refreshing data|Preparing|"
    "Verifying|Evaluating query|Exporting report|Delivery progress|Seats used|Memory|Battery|Disk C:|Toner|Budget|"
    "Rows loaded|Firmware update|Course progress".split("|")
)
RATED = tuple(
    "Overall|Quality|Delivery|Service|Value for money|Packaging|Comfort|Battery life|Sound|Ease of use|Cleanliness|"
    "Location|Your rating|Support|Look|Fit|Taste|Room|Staff|Food".split("|")
)
LAMPS = tuple(
    "Power|Internet|WLAN|Wi-Fi|LAN 1|LAN 2|LAN 3|LAN 4|DSL|USB|WPS|Phone|Info|Status|Cloud|Battery|Alarm|Link|Online|"
    "2.4G|5G|PWR|NET|SYS|ACT|HDD|DSL/Fibre|Signal|Ready|Fault|Paper|Toner|Charge|Mic|REC|Heat|Water|Filter".split("|")
)
DEVICES = tuple(
    f"{room} {thing}"
    for room in "Kitchen|Hall|Garage|Bedroom|Office|Garden|Front door|Living room|Attic|Cellar".split("|")
    for thing in "camera|speaker|sensor|lamp|plug|thermostat|TV|printer|lock|hub".split("|")
)
SERVICES = tuple(
    "Website|Payments|Checkout|Search|Mail delivery|API|Login|Database|File storage|Push service|Billing|CDN|Reports|"
    "Mobile app|Backups|DNS|Chat|Webhooks|Data refresh|Gateway".split("|")
)
MENU = tuple(
    "Home|Overview|Orders|Invoices|Payments|Settings|Profile|Security|Privacy|Help|Messages|Inbox|Sent|Drafts|Archive|"
    "Products|Customers|Reports|Dashboard|Billing|Team|Devices|Network|Wireless|System|Display|Sound|Storage|Backup|"
    "Updates|Accounts|Apps|Favourites|Downloads|Returns|Addresses|Wish list|Subscriptions|Notifications|Calendar|"
    "Contacts|Files|Photos|Bookings|Analytics|Logs|Users|Roles|Integrations|API keys|Support|General|Advanced|Language|"
    "Data|Queries|Tables|Models|Refresh history|Gateways|Schedules|Permissions".split("|")
)
TABS = tuple(
    "Home|Transform|Add column|View|Tools|Insert|Layout|Review|File|Edit|Details|History|Overview|Reviews|Questions|"
    "Specifications|Description|All|Open|Closed|Unread|Active|Archived|Monthly|Yearly|Day|Week|Month|Query|Preview|"
    "Results|Messages|Columns|Profile|Basic|Advanced|Diagnostics|Properties|Schema|Lineage|Settings".split("|")
)
STEPS = tuple(
    "Source|Navigation|Promoted headers|Changed type|Removed columns|Filtered rows|Renamed columns|Merged queries|"
    "Expanded table|Added custom|Sorted rows|Grouped rows|Replaced value|Removed "
    "duplicates|Split column|Kept first rows|"
    "Appended query|Pivoted column|Filled down|Inserted year".split("|")
)
BUTTONS = tuple(
    "OK|Cancel|Save|Close|Retry|Try again|Continue|Back|Next|Apply|Done|Confirm|Delete|Edit|Send|Submit|Sign in|Log in|"
    "Learn more|Details|Help|Contact support|Dismiss|Not now|Later|Install|Update now|Restart|Download|Track parcel|"
    "Return item|Pay now|Add to basket|Checkout|Buy again|Upgrade|Choose plan|Connect|Disconnect|Scan|Search|Print|"
    "Export|Import|Load|Transform data|Load to...|Refresh|Browse...|Advanced|Test connection|Create|Add row|Remove|"
    "Reset|Restore|Skip|Finish|Yes|No|Allow|Deny|Reply|Forward|Copy code|View order|Cancel order|Manage|Pause|Resume|"
    "Stop|Report a problem|Go to settings|Open file|Show log|Reload page|Go home".split("|")
)
SOUGHT = tuple(
    "charger|cable|usb hub|refund|return label|delivery time|invoice|password|warranty|lamp|printer paper|size chart|"
    "Order 2211|headphones|router|battery|desk chair|opening hours|gift card|shoes|vat number|keyboard|filter".split(
        "|"
    )
)
BADGES = tuple(
    "New|Paid|Open|Shipped|Delivered|Beta|Sale|-20%|Pro|Admin|Overdue|Draft|Failed|Active|Inactive|Pending|Verified|"
    "In stock|Sold out|Low stock|Online|Offline|Urgent|High|Low|Closed|Recommended|Popular|Default|Expired|Trial|Live|"
    "Cancelled|Refunded|On hold|Premium|Free|3 new|Hot|Preview|Deprecated|Approved|Rejected|Waiting|Best value".split(
        "|"
    )
)
FILLER = tuple(
    "Thank you for your order.|You can change this at any time.|We will let you know by e-mail.|This page was updated "
    "today.|Your changes are saved automatically.|Prices include VAT where it applies.|Need a hand? Our team is there "
    "from Monday to Friday.|Items can be returned within 30 days.|The parcel will be "
    "handed to a neighbour if nobody is "
    "in.|Keep this page for your records.|Only people in your team can see this.|Changes take effect after a restart.|"
    "Choose what you want to hear about.|We never share your data with others.|A copy was sent to your inbox.|Please "
    "allow two working days.|The driver may ask for your name.|You will not be "
    "charged until the trial ends.|Select one "
    "of the options below.|All times are local.|Make sure the device is plugged in and near the router.|Some features "
    "are not available in your region.|Data is refreshed every night.|The preview "
    "shows the first rows only.|Choose how "
    "the columns should be matched.|Your feedback helps us to get better.|Terms apply.|You have no unread messages.|"
    "Drag files here or browse.|Hold the button for five seconds.|This may take a few minutes.|Do not switch off the "
    "device.|We saved your place.|Your session ends in ten minutes.|The list shows the last 30 days.".split("|")
)
CHAT = tuple(
    "Hi, how can I help you today?|My parcel has not arrived yet.|Could you send me the order number?|Sure, one moment "
    "please.|It is the one from last week.|I can see it left our warehouse yesterday.|When will it be here?|It should "
    "arrive tomorrow before noon.|Great, thank you!|You are welcome. Anything else?|The app shows an error.|Which "
    "message do you see?|It says the payment failed.|Please try another card.|That worked, thanks.|I would like to "
    "cancel my booking.|No problem, I will do that for you.|Can I get a refund?|Yes, "
    "within five working days.|The light "
    "on the box is blinking.|Please unplug it for ten seconds.|Now it is steady "
    "again.|I was charged twice.|Let me check "
    "the invoice.|We have refunded the second one.|How do I change my address?|You can do it under Profile.".split("|")
)


@dataclass(frozen=True)
class Message:
    """What went wrong or well: a title, what happened, what to do, and the code."""

    title: str
    what: str
    advice: str
    code: str
    sign: str


_WRONG = tuple(
    tuple(row.split(" # "))
    for row in (
        "Payment failed # Your card was declined by the bank. # Try another card or contact your bank.",
        "Connection lost # The server could not be reached. # Check your internet connection and try again.",
        "Sign-in failed # The password is not correct. # Reset your password or try again.",
        "Upload failed # The file is larger than 25 MB. # Choose a smaller file.",
        "Update failed # There is not enough space on this device. # Free up 2 GB and start again.",
        "Sync error # Your changes could not be saved to the cloud. # Sign in again to continue.",
        "Printer offline # The printer does not answer. # Switch it on and check the cable.",
        "Access denied # You do not have permission to open this page. # Ask your administrator for access.",
        "DataSource.Error # The column 'Amount' of the table was not found. # Check the name of the column.",
        "Expression.Error # We cannot convert the value null to type Number. # Replace the empty values first.",
        "Query timed out # The query took longer than 600 seconds. # Filter the rows or raise the limit.",
        "Details incomplete # Please enter a valid postcode. # Correct the marked field.",
        "Device not found # No device was found nearby. # Hold the button for five seconds.",
        "Session expired # You were signed out after 30 minutes. # Sign in again.",
        "Delivery failed # Nobody was at home. # Choose a new date for the delivery.",
        "Licence expired # Your licence ended yesterday. # Renew it to keep working.",
        "Backup stopped # The disk is full. # Delete old backups or choose another disk.",
        "File not found # The file was moved or deleted. # Select the file again.",
        "Booking not possible # The flight is sold out. # Choose another date.",
        "Import failed # Row 118 has too many columns. # Check the delimiter and import again.",
        "Camera unavailable # Another app uses the camera. # Close the other app.",
        "Paper jam # Paper is stuck in tray 2. # Open the cover and remove the paper.",
        "Filter blocked # The water filter is clogged. # Clean the filter and restart the machine.",
        "Wrong code # The code you entered is not valid. # Request a new code.",
        "Credentials missing # No user name was given for the server. # Edit the credentials of the source.",
    )
)  # fmt: skip
_SOFT = tuple(
    tuple(row.split(" # "))
    for row in (
        "Battery low # Only 8% is left. # Plug in the charger soon.#warning",
        "Storage almost full # You have used 95% of your space. # Delete files or upgrade your plan.#warning",
        "Unsaved changes # Your changes will be lost. # Save before you leave.#warning",
        "Password expires soon # It ends in 3 days. # Change it in your profile.#warning",
        "Strong wind expected # Trains may be late. # Check the timetable before you leave.#warning",
        "Preview is old # This preview may be up to 4 days old. # Refresh it.#warning",
        "Update available # A new version is ready. # Install it tonight.#info",
        "Maintenance planned # The service pauses on Sunday. # Plan your work around it.#info",
        "Good to know # Returns are free this month. # Print the label from your order.#info",
        "New sign-in # Someone signed in from a new device. # Check that it was you.#info",
        "Saved # Your settings were saved. # You can close this window.#success",
        "Payment received # Thank you, your invoice is paid. # No further step is needed.#success",
        "Order placed # We have received your order. # Watch your inbox for the tracking link.#success",
        "Connected # The device is online. # Give it a name.#success",
        "Query loaded # 1,204 rows were loaded. # Review the types of the columns.#success",
        "Delete this file? # It cannot be restored. # Choose Cancel to keep it.#question",
        "Sign out? # You will need your password to come back. # Stay signed in on your own device.#question",
        "Keep the changes? # The display settings were changed. # Choose Keep if you can read this.#question",
    )
)  # fmt: skip


def message(rng: random.Random, *, error: bool | None = None) -> Message:
    """A message by lot: of an error, or of a warning, a note, a success or a question."""
    if error if error is not None else rng.random() < 0.6:
        title, what, advice = rng.choice(_WRONG)
        if rng.random() < 0.35:
            title = rng.choice(("Something went wrong", "Error", "That did not work", "Problem", "Failed", "Oops!"))
        return Message(title, what, advice, values.code(rng), rng.choice(("error", "error", "error", "warning")))
    title, what, rest = rng.choice(_SOFT)
    advice, sign = rest.split("#")
    return Message(title, what, advice, "", sign)


def filler(rng: random.Random, count: int) -> str:
    """So many sentences that say nothing in particular."""
    return " ".join(rng.sample(FILLER, count))


def some(rng: random.Random, words: tuple[str, ...], count: int) -> list[str]:
    """So many different words."""
    return rng.sample(list(dict.fromkeys(words)), count)
