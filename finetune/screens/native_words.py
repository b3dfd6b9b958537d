"""What the dialogs of operating systems say: alerts, permissions, installers, options; those of the test are apart."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Alert:
    """A message of a system: its sign, title, words and the buttons, the default one first."""

    sign: str
    title: str
    what: str
    buttons: tuple[str, ...]


def _alerts(rows: str) -> tuple[Alert, ...]:
    found = []
    for row in rows.strip().splitlines():
        sign, title, what, buttons = row.split(" # ")
        found.append(Alert(sign, title, what, tuple(buttons.split("|"))))
    return tuple(found)


# sign # title # words # buttons, the default first; {f} is a file, {b} a program, {n} a number, {d} a drive,
# {p} a printer
ALERTS = _alerts("""
warning # {b} # Do you want to save the changes you made to {f}? # Save|Don't Save|Cancel
question # Confirm Save As # {f} already exists. Do you want to replace it? # No|Yes
question # Confirm File Delete # Are you sure you want to move {f} to the Recycle Bin? # Yes|No
warning # Confirm Multiple File Delete # Are you sure you want to permanently delete these {n} items? # Yes|No
error # {b} # {b} has stopped working. A problem caused the program to stop working correctly. # Close program|Debug
error # {b} # Cannot open {f} because it is used by another program. # Retry|Cancel
error # Access is denied # You need permission to perform this action on {f}. # Try Again|Cancel
error # Disk Full # There is not enough free space on drive {d}. You need {n} MB more. # OK|Cancel
warning # Low Disk Space # You are running out of disk space on {d}. # OK|Clean up
info # {b} # The search has finished. {n} items were found. # OK
info # Restart required # You must restart your computer to apply these changes. # Restart Now|Restart Later
question # User Account Control # Do you want to allow this app to make changes to your device? # Yes|No
warning # The disc was not ejected properly # Eject {d} before you disconnect it or turn it off. # OK|Help
question # Empty Trash # Erase the {n} items in the Trash? You can't undo this. # Empty Trash|Cancel
error # The application {b} can't be opened # It may be damaged or incomplete. # OK|Move to Trash
warning # {b} is an app downloaded from the Internet # Are you sure you want to open it? # Open|Cancel
question # Log out # All open programs will be closed in {n} seconds. # Log Out|Cancel
warning # Battery critically low # Plug in your computer or it will turn off soon. # OK
error # Printing error # {p} is out of paper. Load paper and try again. # Continue|Cancel Printing
info # Software Update # Updated software is available. Install it now? # Install|Remind Me Later|Settings
error # Network error # Windows cannot access {d}. Check the spelling of the name. # Diagnose|Cancel
warning # Security Warning # The publisher of {f} could not be verified. # Don't Run|Run
error # Runtime Error # An unhandled exception has occurred in {b}. # Quit|Continue|Details
""")
TEST_ALERTS = _alerts("""
warning # Unsaved work # Closing {b} now discards everything typed since {n} minutes. # Keep editing|Discard
error # Could not mount {d} # The volume is already in use by another user. # Close|Show details
question # Replace file {f}? # Another file with the same name is in the folder. # Replace|Skip|Cancel
error # Library missing # {b} was not able to start since a required component was not found. # Quit|Search online
info # Updates were installed # {n} packages were brought up to date. # Reboot|Not now
warning # Unknown certificate # The identity of the server cannot be checked. # Go back|Accept risk
question # Turn off the computer? # Other people are still logged on. # Shut down|Stay on
error # Scanner not ready # {p} does not answer. Check the cable and the power. # Scan again|Close
""")
PERMISSIONS = tuple(
    row.split("|")
    for row in (
        "Allow {b} to access your location?|While using the app|Only this time|Don't allow",
        "Allow {b} to take pictures and record video?|While using the app|Only this time|Deny",
        "“{b}” Would Like to Send You Notifications|Allow|Don't Allow",
        "“{b}” Would Like to Access Your Photos|Select Photos...|Allow Access to All Photos|Don't Allow",
        "Allow {b} to make and manage phone calls?|Allow|Deny", "Allow {b} to access your contacts?|Allow|Don't allow",
        "“{b}” Would Like to Use Bluetooth|OK|Don't Allow", "Allow {b} to record audio?|While using the app|Deny",
        "“{b}” Would Like to Access the Microphone|OK|Don't Allow", "Let {b} always run in background?|Allow|Deny",
        "Allow “{b}” to use your location?|Allow Once|Allow While Using App|Don't Allow",
    )
)  # fmt: skip
TEST_PERMISSIONS = tuple(
    row.split("|")
    for row in (
        "Should {b} be able to read your calendar?|Give access|Refuse",
        "{b} wants to find devices on your local network|Permit|Not now|Never",
        "Share your movement data with {b}?|Share|Only today|Do not share",
    )
)
REASONS = tuple(
    (
        "Your position is used to show shops near you.|"
        "Notifications may include alerts, sounds and icon badges.|This lets you share photos in messages.|"
        "The camera is used to scan codes.|It is needed for calls.|You can change this later in Settings.|"
        "This app will be able to find devices nearby."
    ).split("|")
)
PAGE_SAYS = tuple(
    (
        "Are you sure you want to leave this page?|Changes you made may not be saved.|"
        "Your session will expire in {n} minutes.|Please fill in all required fields.|Delete this entry?|"
        "The form was sent successfully.|Invalid date.|Please enter your name:|"
        "Do you really want to cancel the booking?|{n} items were added to your basket."
    ).split("|")
)
TEST_PAGE_SAYS = tuple(
    (
        "Reload this site?|Wrong captcha, please solve it once more.|Upload of {n} files is complete.|"
        "Remove the customer for good?|Only digits are allowed in this field."
    ).split("|")
)
TABS = tuple(
    (
        "General|Advanced|Security|Sharing|Details|Previous Versions|Hardware|Tools|Quota|Compatibility|"
        "Shortcut|Font|Colors|Layout|Connections|Privacy|Content|Programs|Network|Ports|Color Management|"
        "Device Settings|View|Search|Power|Audio|Recording|Playback|Sounds|Driver|Events|Buttons|Pointers|"
        "Page|Margins|Sheet|Header/Footer"
    ).split("|")
)
TEST_TABS = tuple(
    ("Basics|Peripherals|Desktop|Startup|Proxy|Accounts|Filters|Units|Keyboard|Monitors|Input").split("|")
)
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = tuple(
    (row.split(": ")[0], tuple(row.split(": ")[1].split("|")))
    for row in (
        "Page range: All|Current page|Selection|Pages", "Orientation: Portrait|Landscape", "Output: Color|Grayscale",
        "Two-sided: None|Long edge|Short edge", "Startup: Show home page|Show a blank page|Resume last session",
        "Attributes for files: Read-only|Hidden|Archive|System", "Parity: None|Even|Odd|Mark|Space",
        "Destination: Printer|File|Fax", "Alignment: Left|Center|Right|Justify", "Colour depth: 16 bit|24 bit|32 bit",
        "When a program stops: Restart it|Ask me|Do nothing", "Line ends: Windows|Unix|Macintosh",
        "IP settings: Obtain an IP address automatically|Use the following IP address",
        "Scaling: Fit to page|Actual size",
        "Virtual memory: No paging file|System managed size|Custom size", "Search in: Workbook|Sheet|Selection",
        "Run as: Normal window|Minimized|Maximized", "Compression: None|Fast|Normal|Maximum", "Direction: Up|Down",
        "Format: Text only|Rich text|HTML", "Resize: By percentage|By absolute size", "Look in: Values|Formulas|Notes",
    )
)  # fmt: skip
TEST_GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = tuple(
    (row.split(": ")[0], tuple(row.split(": ")[1].split("|")))
    for row in (
        "Lid closed: Suspend|Hibernate|Keep running",
        "Paper source: Upper tray|Lower tray|Manual feed",
        "Handedness: Right|Left",
        "Copy mode: Move files|Copy files|Make links",
        "Flow control: Off|Hardware|Xon/Xoff",
        "Proxy mode: Off|Manual|Automatic",
        "Window focus: Click|Hover|Follow mouse",
        "Bits: 5|6|7|8",
    )
)
OPTIONS = tuple(
    (
        "Collate|Print to file|Reverse pages|Print in background|Fit to page|Create a desktop icon|"
        "Create a Quick Launch icon|Add to PATH environment variable|Associate files with this program|"
        "Launch the program now|View the readme file|Read-only|Hidden|Archive|"
        "Compress this drive to save disk space|Show icon in notification area|Use large icons|"
        "Automatically check for updates|Always show menus|Hide extensions for known file types|"
        "Show hidden files|Enable sound|Lock the taskbar|Auto-hide the taskbar|Use sounds|"
        "Restore previous folder windows at logon|Run this program as an administrator|"
        "Allow Remote Assistance|Enhance pointer precision|Word wrap|Match case|Play Windows startup sound|"
        "Enable write caching on the device|Use proxy server|Bypass proxy server for local addresses|"
        "Remember passwords|Warn before closing several tabs|Send crash reports|"
        "Allow this device to wake the computer|Do not ask me again|Apply to all files|"
        "Show this dialog at startup|Delete temporary files|Keep aspect ratio"
    ).split("|")
)
TEST_OPTIONS = tuple(
    (
        "Staple the pages|Mirror image|Install language packs|Start menu entry|Open the handbook|"
        "Lock when idle|Dim the screen|Tap to click|Natural scrolling|Blink the caret|Mount at boot|"
        "Ignore case|Draw shadows|Mute on lock|Follow links"
    ).split("|")
)
PROGRAMS = tuple(
    (
        "Notedeck|PhotoBench|Writer Pro|MediaBox|FileZapper|Spreadly|Mailpoint|CalcStudio|PaintRoom|"
        "Archiva|DriverTool|SoundForge Lite|Backupper|WebView|SketchPad|Ledger 7|ScanDesk|Chartist"
    ).split("|")
)
TEST_PROGRAMS = ("Quillpad", "Tonewheel", "Packrat", "Bluedraft", "Hexview", "Mapmate")
DRIVES = ("USB Drive (E:)", "Local Disk (C:)", "BACKUP (F:)", "SD card", "Data (D:)", "\\\\SRV-02", "Stick 32 GB")
PRINTERS = ("HP-LJ 400", "Officejet 8", "Canon 320", "PDF Writer", "Lexi 210", "Epson L3")
WELCOME = tuple(
    (
        "Setup will install {b} in the following folder.|"
        "Please read the following important information before continuing.|"
        "Select the components you want to install.|"
        "It is recommended that you close all other applications.|"
        "Setup is now ready to begin installing {b} on your computer.|"
        "Please wait while Setup installs {b}.|Choose how you want to use {b}.|"
        "Select additional tasks to be performed."
    ).split("|")
)
TEST_WELCOME = (
    "This assistant guides you through putting {b} on this machine.",
    "Pick what should be set up. Everything can be changed afterwards.",
    "Files are being unpacked and copied.",
)
# What the steps of a setup are called.
STEPS = {
    "licence": ("License Agreement", "License Terms"),
    "folder": ("Select Destination Location", "Choose Folder"),
    "components": ("Select Components", "Additional Tasks"),
    "progress": ("Installing", "Please wait"),
    "choice": ("Setup Type", "Welcome"),
}
KINDS_OF_FILE = ("Text (*.txt)", "All Files (*.*)", "PDF (*.pdf)", "Images")
