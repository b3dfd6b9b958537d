"""Support topics about devices, homes and connections, as lines of facts (see finetune/topics.py for the marks)."""

TEXT = """
# routers
subjects: the FiberBox 240 ; the FiberBox 360 ; the Corvo R5 ; the Corvo R7 ; the Nestor Mesh ; the Halden X2
link: with ; on ; for
own: I have {s} at home. ; We use {s}. ; My router is {s}.
roles: order | the router menu | our service line | the delivery note
how | reset it to factory settings ; wipe all its settings | Press the reset pin for {8/10/12/15/20} seconds until the
  {Power/Status/Internet} light blinks {red/white/amber}. Wait {2/3/4/5} minutes and do not unplug it meanwhile.
meaning | the {amber/orange/purple} light ; it glowing {amber/orange/purple} | The light is {amber/orange/purple} when
  {the line has no internet/an update is being installed/the cable in the WAN socket is loose}.
where | change the Wi-Fi password ; put in a new wireless key | The Wi-Fi password is under {Wireless/Home
  network/Wi-Fi} > {Security/Access/Key}, on the right below the network name.
limit | connected devices ; phones and laptops at the same time | Up to {32/48/60/64/100/128} devices can be connected
  at the same time.
what | the address of the settings page ; the IP of the admin page | The settings page opens at
  {192.168.0.1/192.168.1.1/192.168.178.1/10.0.0.1} in any browser.
what | the default password ; the factory password | The default password is printed on {the underside/the back/the
  sticker next to the power socket} and has {8/10/12/16} characters.
duration | a firmware update ; installing new firmware | A firmware update takes about {4/6/8/10/12} minutes.
can | use it with another provider ; take it to a different internet company | It works with any provider that allows
  {PPPoE/DHCP/VLAN 7} sign-in; ask your provider for the access data.
whatif | the internet drops every evening ; my connection gets lost each night | If the connection drops in the
  evening, set the channel to {1/6/11/36} by hand under {Radio/Channel/Wi-Fi} > Advanced.
how | set up a guest network ; give visitors their own Wi-Fi | Open {Guests/Guest access} in the menu and switch it
  on. Choose a name of at most {16/20/32} letters and tap {Apply/Save/Confirm}.
where | see which devices are online ; find the list of devices | All devices that are online stand under {Network
  map/Devices/Clients}.
what | the range ; how far the signal reaches | Inside a flat the signal reaches about {12/15/18/25} metres, through
  one wall about half of it.

# smart bulbs
subjects: the Lumo E27 ; the Lumo GU10 ; the Lumo Strip ; the Aster Globe ; the Aster Candle
link: with ; for
own: I bought {s}. ; I have put in {s}.
roles: order | the app | the lighting team | the invoice
how | pair it with the app ; get it into the app | Switch the lamp on and off {3/4/5/6} times until it blinks
  {twice/three times/green}. Then tap {Add lamp/New device/Search} in the app.
whatif | it flickers when dimmed ; it trembles at low brightness | Flicker at low light comes from old dimmers: set
  the smallest brightness to {10/15/20/25} % under {Lamp/Light} > Limits.
what | the brightness ; how many lumens it has | It gives {470/600/806/1,055} lumens at {5/7/8.5/9} watts.
limit | lamps in one group ; how many lamps a room can have | A group may hold up to {12/20/24/50} lamps.
can | use it in the bathroom ; mount it in a damp room | It may be used in {bathrooms/damp rooms} at least {60/80/100}
  cm away from water.
duration | the lamp's life ; how it lasts | It is made for {15,000/20,000/25,000} hours, about {10/15/20} years of
  normal use.
can | use it in a closed lampshade ; put it into a sealed fixture | Closed lampshades are {not allowed, because the
  electronics get too hot/allowed up to 40 degrees}.
how | set a timer ; make it go on by itself in the morning | Tap the clock symbol next to the lamp and choose
  {Sunrise/Wake up/Schedule}. Set the time and press {OK/Done/Keep}.
what | the radio standard ; which wireless it talks | It talks {Zigbee 3.0/Bluetooth mesh/Thread} and needs {a hub/a
  bridge/no hub at all}.

# security cameras
subjects: the Owl Indoor ; the Owl Outdoor ; the Owl Floodlight ; the Pinto Cam 2 ; the Pinto Cam Pro
link: with ; on ; for
own: I have mounted {s}. ; I use {s} at the door.
roles: subscription | the camera app | our video team | the warranty card
duration | charging the battery ; a full charge | The battery is full after {4/5/6/7} hours on the cable.
meaning | the code {C-11/C-14/C-27/C-33} ; the app showing {C-11/C-14/C-27/C-33} | {C-11/C-14/C-27/C-33} means that
  {the memory card is full/the lens is covered/the Wi-Fi password is wrong/the clock is not set}.
duration | clips being kept ; keeping recordings | Without a plan, clips are kept for {24/48/72} hours; with a plan,
  for {14/30/60} days.
limit | the size of the memory card ; the biggest card it takes | It takes memory cards of up to {64/128/256/512} GB.
where | draw a privacy zone ; black out part of the picture | Privacy zones are under {Camera/Picture} > {Zones/Masks}
  > Add.
how | format the memory card ; empty the SD card | Open {Storage/Memory card} and tap {Format/Erase card}. Wait until
  the light is {green/white} again before you record.
whatif | it does not see movement at night ; nothing is recorded after dark | At night, set the sensitivity to {6/7/8}
  or more and wipe the sensor with a dry cloth.
can | mount it in the rain ; leave it outside | It stands rain and dust (IP{54/65/66}) between {-20/-15/-10} and
  {40/45/50} degrees.
who | watch the live picture ; see my stream | Only the owner and up to {2/4/5/8} invited people can watch the live
  picture.
what | the angle of view ; how wide it sees | The angle of view is {105/110/120/130/150} degrees.

# smart locks and thermostats
subjects: the Bolt One ; the Bolt Pro ; the Vela Thermostat ; the Vela Valve ; the Tern Keypad
link: with ; on ; for
own: We have {s} in our flat. ; I fitted {s} last month.
roles: order | the home app | the fitting service | the setup card
how | calibrate it ; run the calibration | Close the door first. Hold the middle button for {5/6/7/8} seconds until
  you hear {one beep/two beeps/a click}, then let go.
what | the battery type ; which batteries it needs | It runs on {two AA/four AA/two CR123/three AAA} lithium
  batteries, which last about {6/9/12/18} months.
whatif | the batteries are empty and I stand outside ; I am locked out because of flat batteries | Hold a 9-volt block
  to the two contacts {below the keypad/under the cover}; that gives {30/60/90} seconds of power.
limit | access codes ; PINs I can give out | You can give out up to {10/20/25/50/100} codes.
where | lock it for children ; switch on the child lock | The child lock is under {Comfort/Safety/Device} >
  {Buttons/Keys}.
meaning | error {L3/L5/H2/H4} ; {L3/L5/H2/H4} on the display | {L3/L5/H2/H4} stands for {a blocked motor/a weak
  battery/a missing calibration/a door that is not closed}.
what | the thickness of door it fits ; the doors it can be fitted to | It fits doors of {35/38/40} to {55/60/70/80}
  mm.
how | give a guest a code for one day ; let a visitor in once | Tap {Guests/Visitors} > {New code/One-time code},
  choose the day and send the code as a message.
whatif | it keeps heating at night ; the room stays warm after bedtime | Set the night temperature to {15/16/17}
  degrees under {Plan/Week plan/Programme}; the factory value is {19/20/21}.

# televisions
subjects: the Astra 43 ; the Astra 55 ; the Marlin OLED 48 ; the Marlin OLED 65
link: with ; on ; for
own: I own {s}. ; I've just unpacked {s}.
roles: purchase | the TV menu | the repair centre | the receipt
where | switch off the motion smoothing ; turn off the soap-opera effect | Motion smoothing is under {Picture/Display}
  > {Expert/Clarity/Motion} > {Smoothness/Auto motion}.
how | search for channels again ; run a new channel scan | Press {Home/Menu} on the remote, choose
  {Channels/Reception} and then {Auto tuning/Search}. The search takes {5/8/10/15} minutes.
what | the wall mount pattern ; the VESA size | The wall mount pattern is {200 x 200/300 x 200/300 x 300/400 x 300}
  mm.
whatif | there is a dead pixel ; one dot on the screen stays black | Up to {2/3/5} dead pixels are normal; from
  {4/6/7} on we exchange the panel.
limit | voltage on the USB socket ; the power of the USB port | The USB socket gives at most {0.5/0.9/1} A, enough for
  a stick but not for a disk.
can | connect wireless headphones ; listen over Bluetooth | Bluetooth headphones can be connected under {Sound/Audio}
  > {Output/Speakers} > Bluetooth list, {one pair/two pairs} at a time.
what | the power use ; how many watts it takes | It takes {68/75/92/110/128} watts when it is on and {0.3/0.5} watts
  on standby.
how | pair the remote again ; reconnect the remote control | Point the remote at the TV from {20/30/50} cm and hold
  {Back and Home/OK and Down/the red button} for {3/5/7} seconds.

# washing machines
subjects: the Brio W7 ; the Brio W9 ; the Alba Eco 8 ; the Alba Slim
link: with ; on ; for
own: I have {s}. ; Our machine is {s}.
roles: purchase | the appliance app | the repair service | the rating plate
meaning | {E18/E21/F05/F13} ; the display saying {E18/E21/F05/F13} | {E18/E21/F05/F13} means that {the water does not
  run off/the tap is closed/the door is not shut/there is too much foam}.
how | clean the filter ; empty the drain pump | Pull out the small hose behind the flap and let the water run into a
  bowl. Turn the filter {to the left/anticlockwise}, rinse it and screw it back.
limit | laundry in the {wool/quick/delicate} programme ; the load for {wool/quick/delicate} | The
  {wool/quick/delicate} programme takes at most {1.5/2/2.5/3} kg.
duration | the {Eco/Cotton} programme ; washing on {Eco/Cotton} | The {Eco/Cotton} programme takes {2 hours 40
  minutes/3 hours 10 minutes/3 hours 30 minutes}.
where | find the serial number ; read the serial number | The serial number stands {inside the door frame/behind the
  filter flap/on the back at the top} and begins with {SN/FD/7Y}.
whatif | the door stays locked after washing ; I can't open the door at the end | The lock opens {1/2/3} minutes after
  the end; pull the {orange/grey} cord behind the flap if it does not.
how | switch on the child lock ; lock the buttons | Hold {Start and Temperature/Spin and Start/both arrow keys} for
  {3/4/5} seconds until the key symbol is lit.
can | use powder and liquid together ; mix detergents | Use either powder or liquid in compartment {II/2/B}; both
  together block the drawer.
what | the water pressure it needs ; the right pressure of the tap | The tap must give between {0.5/1} and {8/10} bar.

# coffee machines | held
subjects: the Crema 200 ; the Crema 400 ; the Solo Pod ; the Barista Duo
link: with ; for
own: I make my coffee with {s}. ; I got {s} as a present.
roles: order | the coffee app | the service workshop | the receipt
how | descale it ; get the limescale out | Fill the tank with {0.5/0.8/1} litres of water and one bag of descaler.
  Hold {the cup key/Clean/the steam key} for {3/5/6} seconds and let everything run through.
meaning | the {red/orange} drop symbol ; a blinking {red/orange} drop | The {red/orange} drop means that {it must be
  descaled/the tank is empty/the water filter is used up}.
what | the grind setting ; how fine to grind | We recommend grind step {3/4/5} for espresso and {7/8/9} for long
  coffee.
duration | heating up ; the warm-up | It is ready after {25/35/45/60} seconds.
where | set the water hardness ; tell it how hard our water is | Set the water hardness under {Settings/Service} >
  {Water/Care}, steps 1 to {4/5}.
whatif | no milk foam comes ; the frother stays dry | Take the milk head apart, rinse it and soak it for {10/15/20}
  minutes in warm water.
limit | beans in the hopper ; how much coffee the bean box holds | The bean box holds {200/250/300/350} g.
can | wash parts in the dishwasher ; put the tray in the dishwasher | Only {the drip tray/the tank lid/the drip tray
  and the cup grid} may go into the dishwasher.

# phones
subjects: the Nova 8 ; the Nova 8 Lite ; the Kite 12 ; the Kite 12 Max
link: on ; with ; for
own: I use {s}. ; My phone is {s}.
roles: order | the settings | the repair centre | the receipt
where | see the battery health ; check how worn the battery is | Battery health is under Settings > {Battery/Power} >
  {Health/Condition}.
how | force a restart ; restart it when it is frozen | Hold the power key and volume {up/down} for {8/10/12/15}
  seconds until the logo appears.
limit | the SIM cards ; numbers at the same time | It holds {one nano SIM and one eSIM/two nano SIMs/two eSIMs}.
cost | a new screen ; a display repair | A new screen costs {eur} including work.
duration | a repair ; getting it back from repair | A repair takes {3/4/5/7} working days from the day it reaches us.
what | the charging power ; how fast it charges | It charges with up to {18/25/33/45/67} watts; half full takes
  {25/30/35} minutes.
can | charge it wirelessly ; lay it on a charging pad | Wireless charging works with Qi pads up to {7.5/10/15} watts
  when the case is thinner than {3/4/5} mm.
how | move my data to it ; copy everything from my old phone | Open {Quick move/Switch over/Phone transfer} on both
  phones, lay them side by side and scan the pattern.
what | the water resistance ; how waterproof it is | It is rated IP{53/54/67/68}: {splashes only/30 minutes in one
  metre of water}.
whatif | it got wet ; I dropped it into water | Switch it off, do not charge it for {24/48} hours and lay it with the
  socket downwards.

# laptops and printers
subjects: the Ridge 14 ; the Ridge 16 ; the Inkly 3100 ; the Inkly 5200 ; the LaserOne 20
link: with ; on ; for
own: We use {s} in the office. ; I work on {s}.
roles: order | the device menu | the business support | the delivery note
where | find the service tag ; look up the serial | The service tag stands {under the battery flap/on the underside/on
  the inside of the lid} and has {7/8/10} characters.
how | clear a jam ; get a stuck sheet out | Open the {rear/front/side} door, turn the {green/blue} wheel and pull the
  sheet out {slowly with both hands/downwards}.
meaning | the message {0x51/B200/Code 5100/E3-41} ; {0x51/B200/Code 5100/E3-41} | {0x51/B200/Code 5100/E3-41} means
  that {the print head is blocked/the tray is empty/the lid is not closed}.
limit | pages of one cartridge ; how many pages a cartridge prints | One cartridge prints about {180/250/400/1,500}
  pages.
how | boot from a stick ; start it from USB | Hold {F2/F8/F10/F12} when you switch it on and choose the stick in the
  list.
what | the power adapter ; the charger it needs | It needs a {45/65/90/100} watt adapter with USB-C.
whatif | the fan is always loud ; it keeps roaring | Set {Power/Cooling} > {Quiet/Balanced} and clean the air slots
  with a dry brush every {2/3/6} months.
can | use refilled cartridges ; print with ink of other makers | Other cartridges {are blocked from firmware 2.4
  on/may be used, but leaks are then not covered}.
cost | extending the warranty ; one more year of cover | One more year of cover costs {eur}.

# e-bikes and scooters
subjects: the Trail E5 ; the City E3 ; the Swift S1 ; the Swift S2 Plus
link: with ; for ; on
own: I ride {s}. ; I ordered {s} in spring.
roles: order | the ride app | the workshop | the frame passport
what | the top speed ; how fast it may go | The motor helps up to {20/22/25} km/h.
duration | charging ; filling the battery | A full charge takes {3/3.5/4.5/5} hours.
meaning | {E07/E10/W12/E30} ; the display blinking {E07/E10/W12/E30} | {E07/E10/W12/E30} means that {the brake lever
  is not released/the motor is too hot/the speed sensor has slipped}.
what | the tyre pressure ; how hard to pump the tyres | Pump the tyres to {2.5/3/3.5/4} bar.
limit | weight ; how heavy the rider may be | Rider and luggage together may weigh {100/110/120/130/140} kg.
how | take out the battery ; remove the battery | Turn the key to the {left/right}, fold the handle up and pull the
  battery {to the side/upwards}.
can | ride it in the rain ; use it in wet weather | Rain is fine, but no water jet; dry the plug before you charge.
when | the first service ; the first inspection | The first service is due after {200/300/500} km or {3/6} months.
whatif | I lost the key ; the battery key is gone | Order a new key with the number on the {lock/key card}; it costs
  {eur} and comes in {5/7/10} days.

# internet access
subjects: the Home 100 line ; the Home 250 line ; the Fibre 500 line ; the Fibre 1000 line
link: with ; on ; for
own: I have {s}. ; We are about to order {s}.
roles: contract | the customer area | our hotline | the welcome letter
what | the upload speed ; how fast the upload is | The upload runs at {20/40/50/100/200} Mbit/s.
duration | the installation ; the technician's visit | The technician needs {45/60/90} minutes, and someone must be at
  home.
cost | a second visit by the technician ; missing the appointment | If nobody is at home, a second visit costs {eur}.
when | the line being switched on ; my activation day | The line is switched on between {8 am and noon/noon and 4 pm/8
  am and 4 pm} on the day we named.
can | keep my phone number ; bring my old number along | You keep your number if you send us the form at least
  {7/10/14} days before the change.
whatif | I move house ; I get a new address | Tell us {4/6/8} weeks before you move; the line moves with you for
  {eur}.
limit | the volume ; the traffic in a month | There is {no limit/a limit of 1,000 GB, then 10 Mbit/s}.
how | report a fault ; tell you that the line is down | Restart the box and wait {5/10} minutes. Then open {Help/Line
  check} and tap {Start test/Report}.

# mobile contracts
subjects: the Start tariff ; the Flex tariff ; the Max tariff ; the Youth tariff
link: with ; on ; in
own: I am on {s}. ; I switched to {s}.
roles: contract | the mobile app | the hotline | the SIM card letter
limit | data in the EU ; roaming volume | In the EU you can use {5/8/12/16/24} GB a month.
what | the speed after the data is used up ; how slow it gets | After that the speed falls to {32/64/128} kbit/s until
  the month ends.
how | activate an eSIM ; load the digital SIM | Scan the code in the letter under Settings > {Mobile/Network} > Add
  eSIM. It is ready after {5/10/15} minutes.
what | the PUK ; the code after three wrong PINs | You find the PUK {in the app under SIM > Codes/on the card your SIM
  came in/in the customer area under SIM card}.
cost | a new SIM card ; replacing the SIM | A new SIM card costs {eur} and comes in {2/3/4} days.
where | block paid numbers ; stop third-party charges | Paid numbers are blocked under {Safety/Blocks} > {Third
  parties/Premium}.
cost | calls to {Switzerland/the USA/Turkey} ; phoning {Switzerland/the USA/Turkey} | Calls to {Switzerland/the
  USA/Turkey} cost {0.19/0.29/0.49/0.99} EUR a minute.
whatif | my phone is stolen ; somebody took my phone | Have the SIM blocked at once under {phone}; a new card with the
  same number is free.
"""
