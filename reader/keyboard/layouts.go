package keyboard

// Layout is what the 47 keys that type a character do on a keyboard.
type Layout struct {
	Name  string // as ?layout= has it; of xkb's rules, with the variant behind a dash
	About string
	// The characters of the keys by rows, without and with Shift. A row is as long in
	// every layout: 13, 12, 12 and 10 keys, those of the US keyboard.
	plain, shifted string
	dead           string // those of them that wait for the next key
}

// layouts are xkb-data's (freedesktop.org), and a test holds them against it. The first
// is what readers press.
var layouts = []Layout{
	{"us", "US", "`1234567890-= qwertyuiop[] asdfghjkl;'\\ zxcvbnm,./",
		"~!@#$%^&*()_+ QWERTYUIOP{} ASDFGHJKL:\"| ZXCVBNM<>?", ""},
	{"gb", "British", "`1234567890-= qwertyuiop[] asdfghjkl;'# zxcvbnm,./",
		"¬!\"£$%^&*()_+ QWERTYUIOP{} ASDFGHJKL:@~ ZXCVBNM<>?", ""},
	{"de", "German", "^1234567890ß´ qwertzuiopü+ asdfghjklöä# yxcvbnm,.-",
		"°!\"§$%&/()=?` QWERTZUIOPÜ* ASDFGHJKLÖÄ' YXCVBNM;:_", "^´`"},
	{"fr", "French", "²&é\"'(-è_çà)= azertyuiop^$ qsdfghjklmù* wxcvbn,;:!",
		"~1234567890°+ AZERTYUIOP¨£ QSDFGHJKLM%µ WXCVBN?./§", "^¨"},
	{"be", "Belgian", "²&é\"'(§è!çà)- azertyuiop^$ qsdfghjklmùµ wxcvbn,;:=",
		"³1234567890°_ AZERTYUIOP¨* QSDFGHJKLM%£ WXCVBN?./+", "^¨"},
	{"es", "Spanish", "º1234567890'¡ qwertyuiop`+ asdfghjklñ´ç zxcvbnm,.-",
		"ª!\"·$%&/()=?¿ QWERTYUIOP^* ASDFGHJKLÑ¨Ç ZXCVBNM;:_", "`´^¨"},
	{"latam", "Latin American", "|1234567890'¿ qwertyuiop´+ asdfghjklñ{} zxcvbnm,.-",
		"°!\"#$%&/()=?¡ QWERTYUIOP¨* ASDFGHJKLÑ[] ZXCVBNM;:_", "´¨"},
	{"it", "Italian", "\\1234567890'ì qwertyuiopè+ asdfghjklòàù zxcvbnm,.-",
		"|!\"£$%&/()=?^ QWERTYUIOPé* ASDFGHJKLç°§ ZXCVBNM;:_", ""},
	{"ch", "Swiss German", "§1234567890'^ qwertzuiopü¨ asdfghjklöä$ yxcvbnm,.-",
		"°+\"*ç%&/()=?` QWERTZUIOPè! ASDFGHJKLéà£ YXCVBNM;:_", "^¨`"},
	{"ch-fr", "Swiss French", "§1234567890'^ qwertzuiopè¨ asdfghjkléà$ yxcvbnm,.-",
		"°+\"*ç%&/()=?` QWERTZUIOPü! ASDFGHJKLöä£ YXCVBNM;:_", "^¨`"},
	{"pt", "Portuguese", "\\1234567890'« qwertyuiop+´ asdfghjklçº~ zxcvbnm,.-",
		"|!\"#$%&/()=?» QWERTYUIOP*` ASDFGHJKLÇª^ ZXCVBNM;:_", "´~`^"},
	{"br", "Brazilian", "'1234567890-= qwertyuiop´[ asdfghjklç~] zxcvbnm,.;",
		"\"!@#$%¨&*()_+ QWERTYUIOP`{ ASDFGHJKLÇ^} ZXCVBNM<>:", "´~¨`^"},
	{"se", "Swedish", "§1234567890+´ qwertyuiopå¨ asdfghjklöä' zxcvbnm,.-",
		"½!\"#¤%&/()=?` QWERTYUIOPÅ^ ASDFGHJKLÖÄ* ZXCVBNM;:_", "´¨`^"},
	{"dk", "Danish", "½1234567890+´ qwertyuiopå¨ asdfghjklæø' zxcvbnm,.-",
		"§!\"#¤%&/()=?` QWERTYUIOPÅ^ ASDFGHJKLÆØ* ZXCVBNM;:_", "´¨`^"},
	{"no", "Norwegian", "|1234567890+\\ qwertyuiopå¨ asdfghjkløæ' zxcvbnm,.-",
		"§!\"#¤%&/()=?` QWERTYUIOPÅ^ ASDFGHJKLØÆ* ZXCVBNM;:_", "¨`^"},
	{"cz", "Czech", ";+ěščřžýáíé=´ qwertzuiopú) asdfghjklů§¨ yxcvbnm,.-",
		"˚1234567890%ˇ QWERTZUIOP/( ASDFGHJKL\"!' YXCVBNM?:_", "´¨˚ˇ"},
	{"hu", "Hungarian", "0123456789öüó qwertzuiopőú asdfghjkléáű yxcvbnm,.-",
		"§'\"+!%/=()ÖÜÓ QWERTZUIOPŐÚ ASDFGHJKLÉÁŰ YXCVBNM?:_", ""},
}
