package stage

import (
	"strings"
	"unicode"
)

// country is the two-letter code of a country that is written as such, as a three-letter code or in English.
// UK becomes GB, the only one of the two that ShipStation takes.
func country(text string) (code string, known bool) {
	short, long := countryCode(text), countryName(text)
	for _, c := range countries {
		if short == c.two || short == c.three {
			return c.two, true
		}
	}
	for _, c := range countries {
		for name := range strings.SplitSeq(c.names, "|") {
			if long == countryName(name) && long != "" {
				return c.two, true
			}
		}
	}
	return "", false
}

// countryCode leaves only the letters: "U.S." is US.
func countryCode(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, text)
}

// countryName is a name as it is compared: without case, accents, punctuation and articles.
func countryName(text string) string {
	words := strings.FieldsFunc(plainLetters.Replace(strings.ToLower(text)), func(r rune) bool { return !unicode.IsLetter(r) })
	var name strings.Builder
	for _, w := range words {
		switch w {
		case "the":
		case "st":
			name.WriteString("saint")
		default:
			name.WriteString(w)
		}
	}
	return name.String()
}

var plainLetters = strings.NewReplacer("å", "a", "ã", "a", "ç", "c", "é", "e", "í", "i", "ô", "o", "ü", "u", "’", "'", "&", " and ")

// stateNeeded tells whether an address in the country is of no use without a state or province.
func stateNeeded(code string) bool { return code == "US" || code == "CA" || code == "AU" }

// postalNeeded tells whether an address in the country has a postal code at all. Of those below many have none,
// and where there is one it is not needed (the Universal Postal Union's addressing guides,
// https://www.upu.int/en/Postal-Solutions/Programmes-Services/Addressing-Solutions ).
func postalNeeded(code string) bool { return !strings.Contains(withoutPostal, code) }

const withoutPostal = "AE AG AO AQ AW BF BI BJ BO BQ BS BV BW BZ CD CF CG CI CK CM CO CW DJ DM EH ER FJ GA GD GH GM GQ GY HK HM IE " +
	"JM KI KM KN KP LC LY ML MO MR MW NR NU PA PE QA RW SB SC SL SO SR SS ST SX SY TD TF TG TK TL TO TT TV TZ UG UM VU WS YE ZM ZW"

// countries are those of ISO 3166-1, with the names by which they are known; the first is the standard's own.
var countries = [...]struct{ two, three, names string }{
	{"AD", "AND", "Andorra"},
	{"AE", "ARE", "United Arab Emirates|UAE|Emirates"},
	{"AF", "AFG", "Afghanistan"},
	{"AG", "ATG", "Antigua and Barbuda"},
	{"AI", "AIA", "Anguilla"},
	{"AL", "ALB", "Albania"},
	{"AM", "ARM", "Armenia"},
	{"AO", "AGO", "Angola"},
	{"AQ", "ATA", "Antarctica"},
	{"AR", "ARG", "Argentina"},
	{"AS", "ASM", "American Samoa"},
	{"AT", "AUT", "Austria"},
	{"AU", "AUS", "Australia"},
	{"AW", "ABW", "Aruba"},
	{"AX", "ALA", "Åland Islands|Aland"},
	{"AZ", "AZE", "Azerbaijan"},
	{"BA", "BIH", "Bosnia and Herzegovina|Bosnia|Bosnia-Herzegovina"},
	{"BB", "BRB", "Barbados"},
	{"BD", "BGD", "Bangladesh"},
	{"BE", "BEL", "Belgium"},
	{"BF", "BFA", "Burkina Faso"},
	{"BG", "BGR", "Bulgaria"},
	{"BH", "BHR", "Bahrain"},
	{"BI", "BDI", "Burundi"},
	{"BJ", "BEN", "Benin"},
	{"BL", "BLM", "Saint Barthélemy"},
	{"BM", "BMU", "Bermuda"},
	{"BN", "BRN", "Brunei Darussalam|Brunei"},
	{"BO", "BOL", "Bolivia, Plurinational State of|Bolivia|Plurinational State of Bolivia"},
	{"BQ", "BES", "Bonaire, Sint Eustatius and Saba|Bonaire|Caribbean Netherlands"},
	{"BR", "BRA", "Brazil"},
	{"BS", "BHS", "Bahamas"},
	{"BT", "BTN", "Bhutan"},
	{"BV", "BVT", "Bouvet Island"},
	{"BW", "BWA", "Botswana"},
	{"BY", "BLR", "Belarus"},
	{"BZ", "BLZ", "Belize"},
	{"CA", "CAN", "Canada"},
	{"CC", "CCK", "Cocos (Keeling) Islands|Cocos Islands|Keeling Islands"},
	{"CD", "COD", "Congo, The Democratic Republic of the|Democratic Republic of the Congo|DR Congo|Congo Kinshasa|Congo Democratic Republic"},
	{"CF", "CAF", "Central African Republic"},
	{"CG", "COG", "Congo|Republic of the Congo|Congo Brazzaville"},
	{"CH", "CHE", "Switzerland"},
	{"CI", "CIV", "Côte d'Ivoire|Ivory Coast"},
	{"CK", "COK", "Cook Islands"},
	{"CL", "CHL", "Chile"},
	{"CM", "CMR", "Cameroon"},
	{"CN", "CHN", "China|People's Republic of China|PRC"},
	{"CO", "COL", "Colombia"},
	{"CR", "CRI", "Costa Rica"},
	{"CU", "CUB", "Cuba"},
	{"CV", "CPV", "Cabo Verde|Cape Verde"},
	{"CW", "CUW", "Curaçao"},
	{"CX", "CXR", "Christmas Island"},
	{"CY", "CYP", "Cyprus"},
	{"CZ", "CZE", "Czechia|Czech Republic"},
	{"DE", "DEU", "Germany|Federal Republic of Germany"},
	{"DJ", "DJI", "Djibouti"},
	{"DK", "DNK", "Denmark"},
	{"DM", "DMA", "Dominica"},
	{"DO", "DOM", "Dominican Republic"},
	{"DZ", "DZA", "Algeria"},
	{"EC", "ECU", "Ecuador"},
	{"EE", "EST", "Estonia"},
	{"EG", "EGY", "Egypt"},
	{"EH", "ESH", "Western Sahara"},
	{"ER", "ERI", "Eritrea"},
	{"ES", "ESP", "Spain"},
	{"ET", "ETH", "Ethiopia"},
	{"FI", "FIN", "Finland"},
	{"FJ", "FJI", "Fiji"},
	{"FK", "FLK", "Falkland Islands (Malvinas)|Falkland Islands|Malvinas"},
	{"FM", "FSM", "Micronesia, Federated States of|Micronesia|Federated States of Micronesia"},
	{"FO", "FRO", "Faroe Islands|Faeroe Islands"},
	{"FR", "FRA", "France"},
	{"GA", "GAB", "Gabon"},
	{"GB", "GBR", "United Kingdom|UK|Great Britain|Britain|England|Scotland|Wales|Northern Ireland|United Kingdom of Great Britain and Northern Ireland"},
	{"GD", "GRD", "Grenada"},
	{"GE", "GEO", "Georgia"},
	{"GF", "GUF", "French Guiana"},
	{"GG", "GGY", "Guernsey"},
	{"GH", "GHA", "Ghana"},
	{"GI", "GIB", "Gibraltar"},
	{"GL", "GRL", "Greenland"},
	{"GM", "GMB", "Gambia"},
	{"GN", "GIN", "Guinea"},
	{"GP", "GLP", "Guadeloupe"},
	{"GQ", "GNQ", "Equatorial Guinea"},
	{"GR", "GRC", "Greece"},
	{"GS", "SGS", "South Georgia and the South Sandwich Islands|South Georgia"},
	{"GT", "GTM", "Guatemala"},
	{"GU", "GUM", "Guam"},
	{"GW", "GNB", "Guinea-Bissau"},
	{"GY", "GUY", "Guyana"},
	{"HK", "HKG", "Hong Kong|Hong Kong SAR"},
	{"HM", "HMD", "Heard Island and McDonald Islands"},
	{"HN", "HND", "Honduras"},
	{"HR", "HRV", "Croatia"},
	{"HT", "HTI", "Haiti"},
	{"HU", "HUN", "Hungary"},
	{"ID", "IDN", "Indonesia"},
	{"IE", "IRL", "Ireland|Republic of Ireland"},
	{"IL", "ISR", "Israel"},
	{"IM", "IMN", "Isle of Man"},
	{"IN", "IND", "India"},
	{"IO", "IOT", "British Indian Ocean Territory"},
	{"IQ", "IRQ", "Iraq"},
	{"IR", "IRN", "Iran, Islamic Republic of|Iran|Islamic Republic of Iran"},
	{"IS", "ISL", "Iceland"},
	{"IT", "ITA", "Italy"},
	{"JE", "JEY", "Jersey"},
	{"JM", "JAM", "Jamaica"},
	{"JO", "JOR", "Jordan"},
	{"JP", "JPN", "Japan"},
	{"KE", "KEN", "Kenya"},
	{"KG", "KGZ", "Kyrgyzstan"},
	{"KH", "KHM", "Cambodia"},
	{"KI", "KIR", "Kiribati"},
	{"KM", "COM", "Comoros"},
	{"KN", "KNA", "Saint Kitts and Nevis|Saint Kitts"},
	{"KP", "PRK", "Korea, Democratic People's Republic of|North Korea|Democratic People's Republic of Korea|DPRK"},
	{"KR", "KOR", "Korea, Republic of|South Korea|Republic of Korea"},
	{"KW", "KWT", "Kuwait"},
	{"KY", "CYM", "Cayman Islands|Caymans"},
	{"KZ", "KAZ", "Kazakhstan"},
	{"LA", "LAO", "Lao People's Democratic Republic|Laos"},
	{"LB", "LBN", "Lebanon"},
	{"LC", "LCA", "Saint Lucia"},
	{"LI", "LIE", "Liechtenstein"},
	{"LK", "LKA", "Sri Lanka"},
	{"LR", "LBR", "Liberia"},
	{"LS", "LSO", "Lesotho"},
	{"LT", "LTU", "Lithuania"},
	{"LU", "LUX", "Luxembourg"},
	{"LV", "LVA", "Latvia"},
	{"LY", "LBY", "Libya"},
	{"MA", "MAR", "Morocco"},
	{"MC", "MCO", "Monaco"},
	{"MD", "MDA", "Moldova, Republic of|Moldova|Republic of Moldova"},
	{"ME", "MNE", "Montenegro"},
	{"MF", "MAF", "Saint Martin (French part)|Saint Martin"},
	{"MG", "MDG", "Madagascar"},
	{"MH", "MHL", "Marshall Islands"},
	{"MK", "MKD", "North Macedonia|Macedonia|Republic of North Macedonia|FYROM"},
	{"ML", "MLI", "Mali"},
	{"MM", "MMR", "Myanmar|Burma"},
	{"MN", "MNG", "Mongolia"},
	{"MO", "MAC", "Macao|Macau|Macao SAR"},
	{"MP", "MNP", "Northern Mariana Islands|Saipan"},
	{"MQ", "MTQ", "Martinique"},
	{"MR", "MRT", "Mauritania"},
	{"MS", "MSR", "Montserrat"},
	{"MT", "MLT", "Malta"},
	{"MU", "MUS", "Mauritius"},
	{"MV", "MDV", "Maldives"},
	{"MW", "MWI", "Malawi"},
	{"MX", "MEX", "Mexico|United Mexican States"},
	{"MY", "MYS", "Malaysia"},
	{"MZ", "MOZ", "Mozambique"},
	{"NA", "NAM", "Namibia"},
	{"NC", "NCL", "New Caledonia"},
	{"NE", "NER", "Niger"},
	{"NF", "NFK", "Norfolk Island"},
	{"NG", "NGA", "Nigeria"},
	{"NI", "NIC", "Nicaragua"},
	{"NL", "NLD", "Netherlands|Holland|Kingdom of the Netherlands"},
	{"NO", "NOR", "Norway"},
	{"NP", "NPL", "Nepal"},
	{"NR", "NRU", "Nauru"},
	{"NU", "NIU", "Niue"},
	{"NZ", "NZL", "New Zealand"},
	{"OM", "OMN", "Oman"},
	{"PA", "PAN", "Panama"},
	{"PE", "PER", "Peru"},
	{"PF", "PYF", "French Polynesia|Tahiti"},
	{"PG", "PNG", "Papua New Guinea"},
	{"PH", "PHL", "Philippines"},
	{"PK", "PAK", "Pakistan"},
	{"PL", "POL", "Poland"},
	{"PM", "SPM", "Saint Pierre and Miquelon"},
	{"PN", "PCN", "Pitcairn|Pitcairn Islands"},
	{"PR", "PRI", "Puerto Rico"},
	{"PS", "PSE", "Palestine, State of|Palestine|State of Palestine|Palestinian Territory"},
	{"PT", "PRT", "Portugal"},
	{"PW", "PLW", "Palau"},
	{"PY", "PRY", "Paraguay"},
	{"QA", "QAT", "Qatar"},
	{"RE", "REU", "Réunion"},
	{"RO", "ROU", "Romania"},
	{"RS", "SRB", "Serbia"},
	{"RU", "RUS", "Russian Federation|Russia"},
	{"RW", "RWA", "Rwanda"},
	{"SA", "SAU", "Saudi Arabia"},
	{"SB", "SLB", "Solomon Islands"},
	{"SC", "SYC", "Seychelles"},
	{"SD", "SDN", "Sudan"},
	{"SE", "SWE", "Sweden"},
	{"SG", "SGP", "Singapore"},
	{"SH", "SHN", "Saint Helena, Ascension and Tristan da Cunha|Saint Helena"},
	{"SI", "SVN", "Slovenia"},
	{"SJ", "SJM", "Svalbard and Jan Mayen|Svalbard"},
	{"SK", "SVK", "Slovakia|Slovak Republic"},
	{"SL", "SLE", "Sierra Leone"},
	{"SM", "SMR", "San Marino"},
	{"SN", "SEN", "Senegal"},
	{"SO", "SOM", "Somalia"},
	{"SR", "SUR", "Suriname"},
	{"SS", "SSD", "South Sudan"},
	{"ST", "STP", "Sao Tome and Principe"},
	{"SV", "SLV", "El Salvador"},
	{"SX", "SXM", "Sint Maarten (Dutch part)|Sint Maarten"},
	{"SY", "SYR", "Syrian Arab Republic|Syria"},
	{"SZ", "SWZ", "Eswatini|Swaziland"},
	{"TC", "TCA", "Turks and Caicos Islands"},
	{"TD", "TCD", "Chad"},
	{"TF", "ATF", "French Southern Territories|French Southern and Antarctic Lands"},
	{"TG", "TGO", "Togo"},
	{"TH", "THA", "Thailand"},
	{"TJ", "TJK", "Tajikistan"},
	{"TK", "TKL", "Tokelau"},
	{"TL", "TLS", "Timor-Leste|East Timor"},
	{"TM", "TKM", "Turkmenistan"},
	{"TN", "TUN", "Tunisia"},
	{"TO", "TON", "Tonga"},
	{"TR", "TUR", "Türkiye|Turkey"},
	{"TT", "TTO", "Trinidad and Tobago|Trinidad"},
	{"TV", "TUV", "Tuvalu"},
	{"TW", "TWN", "Taiwan, Province of China|Taiwan"},
	{"TZ", "TZA", "Tanzania, United Republic of|Tanzania|United Republic of Tanzania"},
	{"UA", "UKR", "Ukraine"},
	{"UG", "UGA", "Uganda"},
	{"UM", "UMI", "United States Minor Outlying Islands|US Minor Outlying Islands"},
	{"US", "USA", "United States|United States of America|America"},
	{"UY", "URY", "Uruguay"},
	{"UZ", "UZB", "Uzbekistan"},
	{"VA", "VAT", "Holy See (Vatican City State)|Vatican City|Vatican|Holy See|Vatican City State"},
	{"VC", "VCT", "Saint Vincent and the Grenadines|Saint Vincent"},
	{"VE", "VEN", "Venezuela, Bolivarian Republic of|Venezuela|Bolivarian Republic of Venezuela"},
	{"VG", "VGB", "Virgin Islands, British|British Virgin Islands"},
	{"VI", "VIR", "Virgin Islands, U.S.|US Virgin Islands|United States Virgin Islands|Virgin Islands of the United States"},
	{"VN", "VNM", "Viet Nam|Vietnam"},
	{"VU", "VUT", "Vanuatu"},
	{"WF", "WLF", "Wallis and Futuna"},
	{"WS", "WSM", "Samoa|Western Samoa"},
	{"XK", "XKX", "Kosovo"}, // none of ISO 3166, but what carriers write
	{"YE", "YEM", "Yemen"},
	{"YT", "MYT", "Mayotte"},
	{"ZA", "ZAF", "South Africa"},
	{"ZM", "ZMB", "Zambia"},
	{"ZW", "ZWE", "Zimbabwe"},
}
